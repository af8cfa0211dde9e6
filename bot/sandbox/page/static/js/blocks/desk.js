// @ts-check
/**
 * Says what blocks need from whoever shows them: names to draw, a place to keep what is filled in, and somebody who acts.
 *
 * @typedef {object} Desk
 * @property {import("./tokens.js").Names} names
 * @property {import("./form_state.js").FormState} state
 * @property {"message" | "view" | "home"} surface
 * @property {(block: any, element: any, fields: Record<string, any>) => Promise<boolean>} act tells the app what was pressed or
 *   chosen; false if the app did not take it
 * @property {(block: any, element: any, query: string) => Promise<Choice[][] | Group[]>} suggest
 * @property {(file: File) => Promise<any>} upload
 * @property {() => {id: string, name: string}[]} people
 * @property {() => {id: string, name: string}[]} rooms
 *
 * @typedef {{text: {type: string, text: string}, value: string, description?: {type: string, text: string}}} Choice
 * @typedef {{label?: {text: string}, options: Choice[]}} Group
 */

export {};
