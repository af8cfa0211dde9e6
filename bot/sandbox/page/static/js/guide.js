// @ts-check
/** Leads a newcomer through the first minutes: who writes, how to claim, answer, and close. */

import { fill, h, icon } from "./dom.js";
import { ICONS } from "./icons.js";
import { remember, remembered } from "./settings.js";
import { t } from "./words.js";

const STEPS = ["write", "claim", "reply", "send", "close"];

export class Guide {
  /** @param {import("./workspace/workspace.js").Workspace} space @param {import("./customers/town.js").Town} town @param {import("./customers/dock.js").Dock} dock */
  constructor(space, town, dock) {
    this.town = town;
    this.dock = dock;
    this.done = new Set(remembered("guide-done", "").split(",").filter(Boolean));
    this.node = h("section", { class: "guide", testid: "guide", "aria-label": t("guide.title"), hidden: remembered("guide", "open") === "closed" });
    town.addEventListener("letter", (event) => this.#heard(/** @type {CustomEvent} */ (event).detail));
    town.addEventListener("bubble", (event) => this.#heard(/** @type {CustomEvent} */ (event).detail));
    space.addEventListener("acted", (event) => this.#acted(/** @type {CustomEvent} */ (event).detail));
    space.store.addEventListener("message", (event) => {
      const { isNew, message } = /** @type {CustomEvent} */ (event).detail;
      if (isNew && message?.bot_id) this.#finish("write");
    });
    this.draw();
  }

  /** @param {{one: any, isNew: boolean}} news */
  #heard({ one, isNew }) {
    if (isNew && one.direction === "received" && !one.automatic) this.#finish("send");
  }

  /** What a button does is known by its name: the page knows nothing else of the app. @param {any} action */
  #acted(action) {
    const name = `${action.action_id} ${action.value ?? ""} ${action.selected_option?.value ?? ""}`.toLowerCase();
    if (/claim/.test(name)) this.#finish("claim");
    if (/reply/.test(name)) this.#finish("reply");
    if (/close/.test(name)) this.#finish("close");
  }

  /** @param {string} step */
  #finish(step) {
    if (this.done.has(step)) return;
    // Whoever has come this far needs none of the steps before.
    for (const earlier of STEPS.slice(0, STEPS.indexOf(step) + 1)) this.done.add(earlier);
    remember("guide-done", [...this.done].join(","));
    this.draw();
  }

  open() {
    this.done.clear();
    remember("guide-done", "");
    remember("guide", "open");
    this.node.hidden = false;
    this.draw();
  }

  draw() {
    const now = STEPS.find((step) => !this.done.has(step));
    fill(this.node,
      h("ol", null, STEPS.map((step, at) => h("li", { class: this.done.has(step) ? "done" : step === now ? "now" : "", "aria-current": step === now ? "step" : undefined },
        h("span", { class: "guide-number" }, this.done.has(step) ? icon(ICONS.check, { size: 13 }) : at + 1), t(`guide.${step}`)))),
      h("p", null, t(now ? `guide.${now}.how` : "guide.finished")),
      now === "write" ? h("button", { type: "button", class: "btn btn-small btn-primary", testid: "guide-play", onclick: () => this.town.play({ name: t("guide.sample") }) }, icon(ICONS.play, { size: 13, filled: true }), t("guide.play")) : null,
      h("button", { type: "button", class: "icon-button", "aria-label": t("dismiss"), title: t("dismiss"), testid: "guide-close", onclick: () => { this.node.hidden = true; remember("guide", "closed"); } }, icon(ICONS.close, { size: 16 })));
  }
}
