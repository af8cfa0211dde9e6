// @ts-check
/** Makes the platforms stumble on purpose, to see that nothing is lost and nothing is sent twice. */

import { fill, h } from "../dom.js";
import { ask } from "../link.js";
import { t } from "../words.js";

/** What can go wrong, where: the Slack stand-in's methods, and the doors of the customers' side. */
const SLACK = [
  { name: "slack-wait", method: "*", mode: "429", times: 5 },
  { name: "slack-update-wait", method: "chat.update", mode: "429", times: 5 },
  { name: "slack-error", method: "chat.postMessage", mode: "500", times: 3 },
  { name: "slack-lost", method: "chat.postMessage", mode: "lost", times: 2 },
  { name: "slack-slow", method: "*", mode: "slow", times: 5 },
];
const OTHERS = [
  { name: "mail-later", door: "mail", mode: "500", times: 3 },
  { name: "mail-refused", door: "mail", mode: "550", times: 1 },
  { name: "mail-lost", door: "mail", mode: "lost", times: 1 },
  { name: "line-error", door: "line.push", mode: "500", times: 3 },
  { name: "line-lost", door: "line.push", mode: "lost", times: 1 },
  { name: "line-wait", door: "line.push", mode: "429", times: 3 },
];

export class StumblesTab {
  /** @param {import("./town.js").Town} town */
  constructor(town) {
    this.town = town;
    /** @type {any[]} */
    this.slackRules = [];
    this.node = h("section", { class: "tab stumbles" });
    setInterval(() => { if (this.node.isConnected && !this.node.hidden && !document.hidden) this.refresh(); }, 2000);
  }

  async refresh() {
    try {
      const [slack, others] = await Promise.all(["/client/rules", "/customers/rules"].map(async (path) => (await fetch(path)).json()));
      const before = JSON.stringify([this.slackRules, this.town.rules]);
      this.slackRules = slack.rules ?? [];
      this.town.rules = others.rules ?? [];
      if (JSON.stringify([this.slackRules, this.town.rules]) !== before) this.draw();
    } catch {
      // The socket's banner already says that the server cannot be reached.
    }
  }

  draw() {
    fill(this.node, h("p", { class: "tab-lead" }, t("stumble.lead")),
      h("h3", null, "Slack"), SLACK.map((one) => this.#row(one, this.#slackLeft(one), async (times) => {
        await ask("/client/rules", times ? { method: one.method, mode: one.mode, times, retry_after: 5 } : { method: one.method, mode: "off" });
        await this.refresh();
      })),
      h("h3", null, t("stumble.others")), OTHERS.map((one) => this.#row(one, this.#left(one), async (times) => {
        await this.town.stumble(one.door, one.mode, times);
        await this.refresh();
      })));
  }

  /** @param {{method: string, mode: string}} one */
  #slackLeft(one) {
    return this.slackRules.find((rule) => rule.method === one.method && String(rule.mode) === one.mode)?.times ?? 0;
  }

  /** @param {{door: string, mode: string}} one */
  #left(one) {
    return this.town.rules.find((rule) => rule.door === one.door && rule.mode === one.mode)?.times ?? 0;
  }

  /** @param {{name: string, times: number}} one @param {number} left @param {(times: number) => Promise<void>} set */
  #row(one, left, set) {
    return h("div", { class: left ? "stumble on" : "stumble" },
      h("div", { class: "stumble-text" }, h("strong", null, t(`stumble.${one.name}`)), h("small", null, t(`stumble.${one.name}.why`))),
      h("button", { type: "button", role: "switch", class: "switch", "aria-checked": String(left > 0), "aria-label": t(`stumble.${one.name}`), testid: `stumble-${one.name}`, onclick: () => set(left ? 0 : one.times) },
        h("span", null, left > 0 ? left : "")));
  }
}
