// @ts-check
/** Is a customer's phone with a chat on it: bubbles, stickers, pictures, taking back. */

import { fill, h, icon, keyed } from "../dom.js";
import { ICONS } from "../icons.js";
import { openMenu, openPopover } from "../popover.js";
import { clockTime, currentLanguage, dayName, t } from "../words.js";
import { mark } from "../workspace/avatar.js";
import { peopleRow } from "./people_row.js";
import { drawSticker, STICKERS } from "./stickers.js";
import { fileForServer } from "./town.js";

/** @typedef {import("./town.js").Town} Town */

export class PhoneTab {
  /** @param {Town} town */
  constructor(town) {
    this.town = town;
    this.person = "";
    this.people = h("div", null);
    this.name = h("div", { class: "phone-name" });
    this.bubbles = h("div", { class: "bubbles", testid: "line-bubbles", role: "log", "aria-live": "polite" });
    this.field = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: 1, testid: "line-text", onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.#say(); } } }));
    this.picker = /** @type {HTMLInputElement} */ (h("input", { type: "file", accept: "image/png,image/jpeg,image/gif", class: "file-picker", testid: "line-image", "aria-hidden": "true", tabindex: "-1", onchange: () => this.#show() }));
    this.foot = h("div", { class: "phone-foot" });
    this.node = h("section", { class: "tab phone-tab" }, this.people, h("div", { class: "phone" }, h("div", { class: "phone-head" }, this.name), this.bubbles, this.foot));
  }

  draw() {
    const { town } = this;
    if (!town.people.length) return;
    this.person ||= (town.people.find((person) => town.fresh.has(`line:${person.key}`)) ?? town.people[0]).key;
    fill(this.people, peopleRow(town, "line", this.person, (key) => { this.person = key; this.draw(); }));
    const blocked = (town.line.blocked ?? []).includes(this.person);
    const menu = h("button", { type: "button", class: "icon-button", "aria-label": t("more"), testid: "line-menu", onclick: () => openMenu(menu, [
      { label: t("line.follow"), testid: "line-follow", pick: () => this.#tap({ type: "follow" }) },
      { label: t("line.block"), danger: true, testid: "line-block", pick: () => this.#tap({ type: "block" }) },
    ]) }, icon(ICONS.more));
    const quota = town.line.quota === null ? t("line.used_of_any", { used: town.line.used ?? 0 }) : t("line.used", { used: town.line.used ?? 0, quota: town.line.quota ?? 0 });
    fill(this.name, mark(28), h("span", null, h("strong", null, town.line.name ?? ""), h("small", { testid: "line-quota" }, quota)), menu);
    if (this.foot.dataset.language !== currentLanguage()) this.#drawFoot();
    this.field.disabled = blocked;
    this.field.placeholder = blocked ? t("line.is_blocked") : t("line.placeholder", { name: town.person(this.person)?.name ?? "" });
    this.#drawBubbles();
    if (this.node.isConnected && !this.node.hidden) town.see("line", this.person);
  }

  #drawFoot() {
    this.foot.dataset.language = currentLanguage();
    const tool = (/** @type {string} */ label, /** @type {string} */ path, /** @type {(anchor: HTMLElement) => void} */ press, /** @type {string} */ testid) =>
      h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, testid, onclick: (/** @type {Event} */ event) => press(/** @type {HTMLElement} */ (event.currentTarget)) }, icon(path, { size: 20 }));
    this.field.setAttribute("aria-label", t("line.text"));
    fill(this.foot, tool(t("line.image"), ICONS.image, () => this.picker.click(), "line-picture"), this.picker, tool(t("line.sticker"), ICONS.sticker, (anchor) => this.#pickSticker(anchor), "line-sticker"),
      this.field, h("button", { type: "button", class: "phone-send", "aria-label": t("send"), title: t("send"), testid: "line-send", onclick: () => this.#say() }, icon(ICONS.send)));
  }

  #drawBubbles() {
    const mine = [...this.town.bubbles.values()].filter((bubble) => bubble.person === this.person);
    const writing = (this.town.writing.get(this.person) ?? 0) > Date.now();
    const wasAtEnd = this.bubbles.scrollHeight - this.bubbles.scrollTop - this.bubbles.clientHeight < 80;
    let lastDay = "";
    const items = mine.flatMap((bubble) => {
      const day = dayName(bubble.at);
      const isNewDay = day !== lastDay;
      lastDay = day;
      const row = { key: bubble.id, stamp: JSON.stringify(bubble) + currentLanguage(), make: () => this.#bubble(bubble) };
      return isNewDay ? [{ key: `${this.person}-${day}`, stamp: day, make: () => h("div", { class: "phone-day" }, day) }, row] : [row];
    });
    if (!mine.length) items.push({ key: `empty-${this.person}`, stamp: currentLanguage(), make: () => h("p", { class: "phone-empty" }, t("line.empty", { name: this.town.line.name ?? "" })) });
    if (writing) items.push({ key: "writing", stamp: "", make: () => h("div", { class: "bubble-row received" }, h("div", { class: "bubble writing", "aria-label": t("line.writing") }, h("i", null), h("i", null), h("i", null))) });
    keyed(this.bubbles, items);
    if (wasAtEnd || this.shown !== this.person) this.bubbles.scrollTop = this.bubbles.scrollHeight;
    this.shown = this.person;
  }

  /** @param {any} bubble */
  #bubble(bubble) {
    const isOurs = bubble.direction === "received";
    if (bubble.unsent) return h("div", { class: "phone-day", testid: `bubble-${bubble.id}` }, t("line.unsent"));
    const inner = bubble.sticker ? drawSticker(...(/** @type {[string, string]} */ (bubble.sticker)))
      : bubble.picture ? h("img", { class: "bubble-picture", src: bubble.picture, alt: t("line.picture"), onload: () => { this.bubbles.scrollTop = this.bubbles.scrollHeight; } })
        : h("div", { class: "bubble" }, bubble.sender_name && h("small", { class: "bubble-sender" }, bubble.sender_name), linked(bubble.text || `[${bubble.type}]`));
    const state = ["sending", "waiting", "returned"].includes(bubble.state) && !isOurs ? h("span", { class: `standing standing-${bubble.state}`, title: bubble.remark }, t(`standing.${bubble.state}`)) : null;
    const node = h("div", { class: isOurs ? "bubble-row received" : "bubble-row", testid: `bubble-${bubble.id}`, tabindex: "0" },
      isOurs && h("span", { class: "avatar avatar-small avatar-app" }, mark(24)), inner,
      h("div", { class: "bubble-side" }, state, bubble.read && h("span", null, t("line.read")), bubble.edited && h("span", null, t("message.edited")), h("time", null, clockTime(bubble.at)),
        !isOurs && h("button", { type: "button", class: "bubble-menu", "aria-label": t("more"), testid: `bubble-menu-${bubble.id}`, onclick: (/** @type {Event} */ event) => this.#bubbleMenu(/** @type {HTMLElement} */ (event.currentTarget), bubble) }, icon(ICONS.more, { size: 14 }))));
    return node;
  }

  /** @param {HTMLElement} anchor @param {any} bubble */
  #bubbleMenu(anchor, bubble) {
    openMenu(anchor, [
      ...(bubble.type === "text" ? [{ label: t("line.edit"), testid: "line-edit", pick: () => this.#edit(anchor, bubble) }] : []),
      { label: t("line.unsend"), danger: true, testid: "line-unsend", pick: () => this.#tap({ type: "unsend", message_id: bubble.id }) },
    ]);
  }

  /** @param {HTMLElement} anchor @param {any} bubble */
  #edit(anchor, bubble) {
    const field = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "field", rows: 3, "aria-label": t("line.edit") }));
    field.value = bubble.text;
    const save = async () => {
      panel?.close();
      if (field.value.trim()) await this.#tap({ type: "edit", message_id: bubble.id, text: field.value });
    };
    const panel = openPopover(anchor, h("div", { class: "edit-in-place" }, field, h("div", { class: "dialog-foot" }, h("button", { type: "button", class: "btn btn-small btn-primary", onclick: save }, t("save")))), { width: 260 });
    field.focus();
  }

  /** @param {HTMLElement} anchor */
  #pickSticker(anchor) {
    const panel = openPopover(anchor, h("div", { class: "sticker-grid" }, STICKERS.map((one) => h("button", {
      type: "button", testid: `sticker-${one.sticker}`, "aria-label": one.keywords[0], onclick: () => { panel?.close(); this.#tap({ type: "sticker", package: one.package, sticker: one.sticker, keywords: one.keywords }); },
    }, one.drawn))));
  }

  async #say() {
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    const said = await this.#tap({ type: "text", text });
    if (!said.ok) this.field.value = text;
    this.field.focus();
  }

  async #show() {
    const file = this.picker.files?.[0];
    this.picker.value = "";
    if (file) await this.#tap({ type: "image", picture: await fileForServer(file) });
  }

  /** @param {any} tapped */
  #tap(tapped) {
    return this.town.tap({ person: this.person, ...tapped });
  }
}

/** Text with its web addresses made into links, as LINE does it. @param {string} text */
function linked(text) {
  return text.split(/(https?:\/\/[^\s]+)/).map((part, at) => at % 2 ? h("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
}
