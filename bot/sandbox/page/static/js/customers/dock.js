// @ts-check
/** Is the customers' side of the page: a dock with their mailbox, their phone, the form, sample customers and stumbles. */

import { fill, h, icon, onceAFrame } from "../dom.js";
import { ICONS } from "../icons.js";
import { remember, remembered } from "../settings.js";
import { t } from "../words.js";
import { FormTab } from "./form.js";
import { MailboxTab } from "./mailbox.js";
import { PhoneTab } from "./phone.js";
import { SamplesTab } from "./samples.js";
import { StumblesTab } from "./stumbles.js";

const NARROWEST = 300;
const WIDEST = 640;

export class Dock {
  /** @param {import("./town.js").Town} town @param {any} config */
  constructor(town, config) {
    this.town = town;
    /** @type {Record<string, {node: HTMLElement, draw: () => void}>} */
    this.tabs = { samples: new SamplesTab(town), mail: new MailboxTab(town), line: new PhoneTab(town), form: new FormTab(config), stumble: new StumblesTab(town) };
    this.open = remembered("tab", "samples");
    if (!(this.open in this.tabs)) this.open = "samples";
    this.bar = h("div", { class: "dock-tabs", role: "tablist", "aria-label": t("dock.title"), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#arrows(event) });
    this.head = h("header", { class: "dock-head" });
    this.handle = h("div", { class: "dock-handle", role: "separator", tabindex: "0", "aria-orientation": "vertical" });
    this.node = h("aside", { class: "dock", testid: "dock", "aria-label": t("dock.title") }, this.handle, this.head, this.bar, Object.values(this.tabs).map((tab) => tab.node));
    this.#resizable();
    this.setCollapsed(remembered("dock", "open") === "closed");
    const drawAll = onceAFrame(() => this.draw());
    for (const change of ["snapshot", "letter", "bubble", "line", "samples", "rules", "seen", "connection"]) town.addEventListener(change, drawAll);
    this.draw();
  }

  draw() {
    fill(this.head, h("h1", null, t("dock.title")), h("span", null, t("dock.lead")), !this.town.connected && h("span", { class: "chip" }, t("connection.lost")));
    const drawings = { samples: ICONS.people, mail: ICONS.mail, line: ICONS.phone, form: ICONS.form, stumble: ICONS.stumble };
    const hadFocus = this.bar.contains(document.activeElement);
    fill(this.bar, Object.keys(this.tabs).map((name) => {
      const fresh = name === "mail" || name === "line" ? this.town.freshIn(name) : 0;
      return h("button", {
        type: "button", role: "tab", class: "dock-tab", testid: `tab-${name}`, "aria-selected": String(name === this.open), tabindex: name === this.open ? "0" : "-1", title: t(`tab.${name}.title`), onclick: () => this.show(name),
      }, icon(/** @type {any} */ (drawings)[name]), h("span", null, t(`tab.${name}`)), fresh > 0 && h("span", { class: "badge badge-mention" }, fresh));
    }));
    if (hadFocus) /** @type {HTMLElement | null} */ (this.bar.querySelector("[aria-selected=true]"))?.focus();
    for (const [name, tab] of Object.entries(this.tabs)) tab.node.hidden = name !== this.open;
    this.tabs[this.open].draw();
  }

  /** @param {string} name */
  show(name) {
    this.setCollapsed(false);
    this.open = name;
    remember("tab", name);
    this.draw();
  }

  toggle() {
    this.setCollapsed(!document.documentElement.classList.contains("dock-closed"));
  }

  /** @param {boolean} collapsed */
  setCollapsed(collapsed) {
    document.documentElement.classList.toggle("dock-closed", collapsed);
    remember("dock", collapsed ? "closed" : "open");
  }

  /** @param {KeyboardEvent} event */
  #arrows(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = Object.keys(this.tabs);
    this.show(names[(names.indexOf(this.open) + step + names.length) % names.length]);
    /** @type {HTMLElement | null} */ (this.bar.querySelector("[aria-selected=true]"))?.focus();
  }

  #resizable() {
    const set = (/** @type {number} */ width) => {
      const kept = Math.round(Math.max(NARROWEST, Math.min(WIDEST, width, innerWidth - 480)));
      document.documentElement.style.setProperty("--dock-width", `${kept}px`);
      remember("dock-width", String(kept));
    };
    const kept = Number(remembered("dock-width", "0"));
    if (kept) set(kept);
    this.handle.addEventListener("pointerdown", (event) => {
      this.handle.setPointerCapture(event.pointerId);
      const move = (/** @type {PointerEvent} */ now) => set(innerWidth - now.clientX);
      this.handle.addEventListener("pointermove", move);
      this.handle.addEventListener("pointerup", () => this.handle.removeEventListener("pointermove", move), { once: true });
    });
    this.handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: 24, ArrowRight: -24 }[event.key];
      if (step) set(this.node.offsetWidth + step);
    });
  }
}
