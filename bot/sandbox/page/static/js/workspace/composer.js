// @ts-check
/** Is the box one writes in: text, mentions, slash commands, files, shortcuts. */

import { fill, h, icon } from "../dom.js";
import { emoji } from "../emoji.js";
import { ICONS } from "../icons.js";
import { openMenu } from "../popover.js";
import { toast } from "../toast.js";
import { t } from "../words.js";
import { mark } from "./avatar.js";
import { pickEmoji } from "./message.js";

/** @typedef {import("./workspace.js").Workspace} Workspace */

/** Half-written text by place, so that looking elsewhere costs nobody their words. @type {Map<string, string>} */
const drafts = new Map();

/** @param {Workspace} space @param {string} channel @param {string} [thread] */
export function composer(space, channel, thread = "") {
  const place = `${space.store.me}:${channel}:${thread}`;
  /** @type {Map<string, string>} what was inserted by the hint list, and what it stands for */
  const meant = new Map();
  /** @type {{label: string, hint?: string, insert: string}[]} */
  let offers = [];
  let chosen = 0;

  const field = /** @type {HTMLTextAreaElement} */ (h("textarea", {
    rows: 1, testid: thread ? "thread-composer" : "composer", "aria-label": t("composer.label"), "aria-autocomplete": "list",
    placeholder: thread ? t("composer.reply") : t("composer.message", { room: space.placeName(channel) }),
    oninput: () => { drafts.set(place, field.value); grow(); offer(); },
    onkeydown: keys,
    onblur: () => setTimeout(() => { offers = []; drawOffers(); }, 150),
  }));
  field.value = drafts.get(place) ?? "";

  const hints = h("div", { class: "hints", role: "listbox", testid: "hints" });
  const picker = /** @type {HTMLInputElement} */ (h("input", {
    type: "file", class: "file-picker", multiple: true, tabindex: "-1", "aria-hidden": "true", testid: thread ? "thread-file" : "composer-file",
    onchange: async () => {
      for (const file of Array.from(picker.files ?? [])) await space.client.upload(file, channel, thread);
      picker.value = "";
    },
  }));
  const send = h("button", { type: "button", class: "send", "aria-label": t("send"), title: t("send"), testid: thread ? "thread-send" : "composer-send", onclick: submit }, icon(ICONS.send));
  const tool = (/** @type {string} */ label, /** @type {string} */ path, /** @type {(anchor: HTMLElement) => void} */ press, /** @type {string} */ testid) =>
    h("button", { type: "button", class: "tool", title: label, "aria-label": label, testid, onclick: (/** @type {Event} */ event) => press(/** @type {HTMLElement} */ (event.currentTarget)) }, icon(path));
  const box = h("div", { class: "composer" }, hints, h("div", { class: "composer-box" }, field,
    h("div", { class: "composer-tools" },
      tool(t("composer.attach"), ICONS.clip, () => picker.click(), "composer-attach"),
      tool(t("composer.emoji"), ICONS.smile, (anchor) => pickEmoji(anchor, (name) => insert(emoji(name) ?? "")), "composer-emoji"),
      tool(t("composer.shortcuts"), ICONS.bolt, openShortcuts, "composer-shortcuts"),
      picker, h("span", { class: "composer-hint" }, t("composer.hint")), send)));

  function grow() {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 220)}px`;
    send.toggleAttribute("disabled", !field.value.trim());
  }

  /** @param {string} text */
  function insert(text) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input"));
    field.focus();
  }

  /** Offers commands after a leading slash, people after @ and rooms after #. */
  function offer() {
    const before = field.value.slice(0, field.selectionStart);
    const word = /(?:^|\s)([@#])([^\s@#]*)$/.exec(before);
    offers = [];
    if (/^\/\S*$/.test(before) && !thread) {
      offers = space.store.commands.filter((one) => one.command.startsWith(before)).map((one) => ({ label: `${one.command} ${one.usage_hint ?? ""}`, hint: one.description, insert: `${one.command} ` }));
    } else if (word) {
      const wanted = word[2].toLocaleLowerCase();
      const found = word[1] === "@" ? [...space.store.users.values()].filter((user) => !user.deleted).map((user) => ({ name: space.store.userName(user.id), token: `<@${user.id}>` }))
        : [...space.store.channels.values()].filter((one) => !one.is_im).map((one) => ({ name: one.name ?? "", token: `<#${one.id}>` }));
      offers = found.filter((one) => one.name.toLocaleLowerCase().includes(wanted)).slice(0, 8).map((one) => {
        meant.set(word[1] + one.name, one.token);
        return { label: word[1] + one.name, insert: `${word[1]}${one.name} ` };
      });
    }
    chosen = 0;
    drawOffers();
  }

  function drawOffers() {
    fill(hints, offers.map((one, at) => h("button", {
      type: "button", role: "option", tabindex: "-1", class: "hint-row", "aria-selected": String(at === chosen), onmousedown: (/** @type {Event} */ event) => { event.preventDefault(); take(at); },
    }, h("strong", null, one.label), one.hint && h("span", null, one.hint))));
    hints.classList.toggle("open", offers.length > 0);
  }

  /** @param {number} at */
  function take(at) {
    const one = offers[at];
    const before = field.value.slice(0, field.selectionStart);
    const from = one.insert.startsWith("/") ? 0 : Math.max(before.lastIndexOf("@"), before.lastIndexOf("#"));
    field.setRangeText(one.insert, from, field.selectionStart, "end");
    offers = [];
    drawOffers();
    field.dispatchEvent(new Event("input"));
  }

  /** @param {KeyboardEvent} event */
  function keys(event) {
    // While an input method composes (Japanese, Chinese…), Enter belongs to it.
    if (event.isComposing) return;
    if (offers.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + offers.length) % offers.length;
      drawOffers();
    } else if (offers.length && (event.key === "Tab" || (event.key === "Enter" && offers[chosen].insert.trim() !== field.value.trim()))) {
      event.preventDefault();
      take(chosen);
    } else if (offers.length && event.key === "Escape") {
      event.stopPropagation();
      offers = [];
      drawOffers();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  }

  async function submit() {
    const text = field.value.trim();
    if (!text) return;
    const command = /^(\/\S+)\s*([\s\S]*)$/.exec(text);
    const known = command && space.store.commands.some((one) => one.command === command[1]);
    if (command && (thread || !known)) {
      toast(thread ? t("command.not_in_threads", { command: command[1] }) : t("command.unknown", { command: command[1] }), { level: "error" });
      return;
    }
    const answer = command ? await space.client.command(channel, command[1], withTokens(command[2])) : await space.client.post(channel, withTokens(text), thread);
    if (!answer.ok) return;
    field.value = "";
    drafts.delete(place);
    grow();
    field.focus();
  }

  /** @param {string} text */
  function withTokens(text) {
    // The longest names first: "@Aki Tanaka" must not be taken for "@Aki".
    const byLength = [...meant].sort((one, other) => other[0].length - one[0].length);
    return byLength.reduce((written, [name, token]) => written.replaceAll(name, token), text);
  }

  /** @param {HTMLElement} anchor */
  function openShortcuts(anchor) {
    openMenu(anchor, [
      ...space.store.shortcuts.filter((one) => one.type === "global" || one.type === "shortcut").map((shortcut) => ({
        label: shortcut.name, hint: space.appName(), lead: mark(18), testid: `shortcut-${shortcut.callback_id}`, pick: () => space.client.shortcut(shortcut),
      })),
      ...(thread ? [] : space.store.commands.map((one) => ({ label: one.command, hint: one.description, testid: `command-${one.command.slice(1)}`, pick: () => { field.value = ""; insert(`${one.command} `); } }))),
    ]);
  }

  requestAnimationFrame(grow);
  return box;
}
