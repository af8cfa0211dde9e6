// @ts-check
/** Draws Slack's text objects, plain or mrkdwn. */

import { h } from "../dom.js";
import { emojiNode } from "./tokens.js";
import { mrkdwn } from "./mrkdwn.js";

/** @typedef {import("../dom.js").Leaf} Child */

/** @param {any} text @param {import("./tokens.js").Names} names @returns {Child[]} */
export function textObject(text, names) {
  if (!text) return [];
  return text.type === "mrkdwn" ? mrkdwn(text.text, names) : plainText(text.text, text.emoji !== false);
}

/** @param {string} text @param {boolean} [withEmoji] @returns {Child[]} */
export function plainText(text, withEmoji = true) {
  return text.split("\n").flatMap((line, index) => [
    index > 0 && h("br", null),
    ...(withEmoji ? line.split(/:([a-z0-9_+'-]{1,60}):/).map((part, at) => (at % 2 ? emojiNode(part) : part)) : [line]),
  ]);
}
