// @ts-check
/** Keeps a list of messages on screen in step with the store, and the reader's place in it. */

import { h, keyed } from "../dom.js";
import { currentLanguage, dayName, t } from "../words.js";
import { drawMessage, hasHeader } from "./message.js";

/** @typedef {import("./workspace.js").Workspace} Workspace */

const SAME_BREATH = 5 * 60; // seconds within which an author's next message goes without a head
const NEAR_END = 90; // pixels

/** @type {WeakMap<object, number>} */
const numbers = new WeakMap();
let lastNumber = 0;

/** A number that changes when the message does, for the store replaces what has changed. @param {object} message */
function versionOf(message) {
  if (!numbers.has(message)) numbers.set(message, ++lastNumber);
  return numbers.get(message);
}

export class MessageList {
  /** @param {Workspace} space @param {{inThread?: boolean, testid: string}} how */
  constructor(space, { inThread = false, testid }) {
    this.space = space;
    this.inThread = inThread;
    this.list = h("div", { class: "message-list" });
    this.more = h("button", { type: "button", class: "more-below", onclick: () => this.toEnd(true) }, t("message.more_below"));
    this.node = h("div", { class: "message-scroll", testid, role: "log", "aria-live": "polite", onscroll: () => this.#noticeEnd() }, this.list, this.more);
    this.place = "";
    this.count = 0;
    this.atEnd = true;
    // Pictures load and cards grow after they are drawn; whoever was at the end stays there.
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(false); }).observe(this.list);
  }

  /**
   * @param {string} channel @param {string} thread empty for the main messages
   * @param {any[]} messages in order @param {any[]} whispers what only this person sees
   * @param {HTMLElement[]} [before] what stands above the first message
   */
  show(channel, thread, messages, whispers, before = []) {
    const { store } = this.space;
    const place = `${store.me}:${channel}:${thread}`;
    const isOther = place !== this.place;
    const all = [...messages.map((message) => ({ message, ephemeral: false })), ...whispers.map((message) => ({ message, ephemeral: true }))]
      .sort((one, other) => Number(one.message.ts) - Number(other.message.ts));
    const items = before.map((node, at) => ({ key: `before-${place}-${at}`, stamp: currentLanguage(), make: () => node }));
    let lastDay = "";
    /** @type {any} */
    let last = null;
    for (const { message, ephemeral } of all) {
      const day = dayName(Number(message.ts));
      if (day !== lastDay && !(this.inThread && !last)) {
        items.push({ key: `day-${day}`, stamp: day, make: () => h("div", { class: "day" }, h("span", null, day)) });
        if (!this.inThread) last = null;
      }
      lastDay = day;
      const compact = Boolean(last) && !ephemeral && !last.ephemeral && continues(last.message, message);
      const stamp = [versionOf(message), compact, currentLanguage(), store.freshThreads.has(`${channel}:${message.ts}`), this.space.namesVersion].join();
      items.push({
        key: `${place}-${ephemeral ? "e" : "m"}-${message.ts}`, stamp,
        make: () => drawMessage(message, channel, this.space, { compact, inThread: this.inThread, ephemeral, thread }),
      });
      last = { message, ephemeral };
    }
    const grew = all.length > this.count && !isOther;
    this.place = place;
    this.count = all.length;
    keyed(this.list, items);
    if (isOther || this.atEnd) this.toEnd(false);
    else if (grew) this.more.classList.add("shown");
  }

  clear() {
    this.place = "";
    this.count = 0;
    this.list.replaceChildren();
  }

  /** @param {boolean} smooth */
  toEnd(smooth) {
    this.node.scrollTo({ top: this.node.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.atEnd = true;
    this.more.classList.remove("shown");
  }

  #noticeEnd() {
    this.atEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_END;
    if (this.atEnd) this.more.classList.remove("shown");
  }
}

/** @param {any} last @param {any} message */
function continues(last, message) {
  const author = (/** @type {any} */ one) => `${one.user ?? ""}|${one.bot_id ?? ""}|${one.username ?? ""}`;
  return author(last) === author(message) && Number(message.ts) - Number(last.ts) < SAME_BREATH && !hasHeader(message) && !hasHeader(last) && !last.reply_count;
}
