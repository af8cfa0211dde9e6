// @ts-check
/** Draws what stands for something: people, rooms, groups, links, emoji, dates. */

import { h } from "../dom.js";
import { emoji } from "../emoji.js";
import { fullTime } from "../words.js";
import { slackDate } from "./dates.js";

/**
 * What drawing needs to know of the workspace.
 * @typedef {{userName: (id: string) => string, channelName: (id: string) => string, me: string,
 *            openChannel?: (id: string) => void}} Names
 */

/** @param {string} id @param {Names} names */
export function userMention(id, names) {
  return h("span", { class: id === names.me ? "mention mention-me" : "mention", "data-user": id }, `@${names.userName(id)}`);
}

/** @param {string} id @param {Names} names @param {string} [label] */
export function channelMention(id, names, label) {
  const name = label || names.channelName(id);
  return h("button", { type: "button", class: "mention", onclick: () => names.openChannel?.(id) }, `#${name}`);
}

/** @param {string} name here, channel or everyone */
export function broadcast(name) {
  return h("span", { class: "mention mention-me" }, `@${name}`);
}

/** @param {string} id @param {string} [label] */
export function groupMention(id, label) {
  return h("span", { class: "mention" }, label ? label.replace(/^@?/, "@") : `@${id}`);
}

/** @param {string} name */
export function emojiNode(name) {
  const drawn = emoji(name);
  return drawn ? h("span", { class: "emoji", role: "img", "aria-label": name, title: `:${name}:` }, drawn) : `:${name}:`;
}

/**
 * A link, or its text alone where the address is of a kind that nobody should follow.
 * @param {string} url
 * @param {import("../dom.js").Leaf[]} label
 */
export function linkNode(url, label) {
  if (!/^(https?:|mailto:|tel:)/i.test(url)) return h("span", null, label);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label);
}

/** @param {number} seconds @param {string} format @param {string | undefined} url @param {string} fallback */
export function dateNode(seconds, format, url, fallback) {
  if (!Number.isFinite(seconds)) return h("span", null, fallback);
  const text = slackDate(seconds, format) || fallback;
  const time = h("time", { datetime: new Date(seconds * 1000).toISOString(), title: fullTime(seconds), class: "date" }, text);
  return url ? linkNode(url, [time]) : time;
}
