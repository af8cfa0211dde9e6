// @ts-check
/** Draws the row of people in whose place one can be. */

import { h } from "../dom.js";
import { avatar } from "../workspace/avatar.js";

/**
 * @param {import("./town.js").Town} town @param {"mail" | "line"} medium @param {string} chosen @param {(key: string) => void} choose
 */
export function peopleRow(town, medium, chosen, choose) {
  return h("div", { class: "people-row", role: "tablist" }, town.people.map((person) => {
    const fresh = town.fresh.get(`${medium}:${person.key}`);
    return h("button", {
      type: "button", role: "tab", class: "person", title: person.name, "aria-label": person.name, "aria-selected": String(person.key === chosen), testid: `${medium}-person-${person.key}`,
      onclick: () => choose(person.key),
    }, avatar(person.name, { seed: person.key }), fresh ? h("span", { class: "badge badge-mention" }, fresh) : null);
  }));
}
