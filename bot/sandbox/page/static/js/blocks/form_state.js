// @ts-check
/** Keeps what a person has filled in, by block and action, in the shape in which Slack hands it to an app. */

export class FormState {
  constructor() {
    /** @type {Record<string, Record<string, any>>} */
    this.values = {};
  }

  /** @param {string} block @param {string} action */
  get(block, action) {
    return this.values[block]?.[action];
  }

  /** @param {string} block @param {string} action @param {any} value */
  set(block, action, value) {
    this.values[block] ??= {};
    this.values[block][action] = value;
  }

  /** The value that is there, or else the one an element starts with. @param {string} block @param {string} action @param {any} first */
  start(block, action, first) {
    if (!this.get(block, action)) this.set(block, action, first);
    return this.get(block, action);
  }

  /**
   * Forgets what no longer stands in the blocks: an app that wants a field to start anew gives it a new id.
   * @param {any[]} blocks
   */
  prune(blocks) {
    const present = new Map(blocks.map((block) => [block.block_id, elementsOf(block).map((/** @type {any} */ e) => e.action_id)]));
    for (const [block, actions] of Object.entries(this.values)) {
      const known = present.get(block);
      if (!known) delete this.values[block];
      else for (const action of Object.keys(actions)) if (!known.includes(action)) delete actions[action];
    }
  }

  toJSON() {
    return { values: this.values };
  }
}

/** Every interactive element of a block. @param {any} block @returns {any[]} */
export function elementsOf(block) {
  return [...(block.elements ?? []), block.element, block.accessory].filter((element) => element?.action_id);
}
