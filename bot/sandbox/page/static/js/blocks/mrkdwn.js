// @ts-check
/** Draws Slack's mrkdwn: bold, italic, strike, code, quotes, and the tokens in angle brackets. */

import { h } from "../dom.js";
import { broadcast, channelMention, dateNode, emojiNode, groupMention, linkNode, userMention } from "./tokens.js";

/** @typedef {import("./tokens.js").Names} Names */
/** @typedef {import("../dom.js").Leaf} Child */

const WRAPPED = new Map([["*", "strong"], ["_", "em"], ["~", "s"]]);

/** @param {string} text */
export function unescape(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

/** @param {string} text @param {Names} names @returns {Child[]} */
export function mrkdwn(text, names) {
  return text.split("```").flatMap((part, index, all) => {
    // An odd part stands between two fences; a last fence without a partner is only text.
    if (index % 2 === 1 && index < all.length - 1) return [h("pre", null, unescape(part.replace(/^\n|\n$/g, "")))];
    return lines(index % 2 === 1 ? "```" + part : part, names);
  });
}

/** @param {string} text @param {Names} names @returns {Child[]} */
function lines(text, names) {
  /** @type {Child[]} */
  const nodes = [];
  /** @type {string[]} */
  let quoted = [];
  const closeQuote = () => {
    if (quoted.length) nodes.push(h("blockquote", null, inline(quoted.join("\n"), names)));
    quoted = [];
  };
  const all = text.split("\n");
  /** @type {string[]} */
  let plain = [];
  const closePlain = () => {
    if (plain.length && plain.join("") !== "") nodes.push(...inline(plain.join("\n"), names));
    else if (plain.length > 1) nodes.push(h("br", null));
    plain = [];
  };
  for (const line of all) {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quote) {
      closePlain();
      quoted.push(quote[1]);
    } else {
      closeQuote();
      plain.push(line);
    }
  }
  closeQuote();
  closePlain();
  return nodes;
}

/** @param {string} text @param {Names} names @returns {Child[]} */
export function inline(text, names) {
  /** @type {Child[]} */
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(plain);
    plain = "";
  };
  let at = 0;
  while (at < text.length) {
    const taken = special(text, at, names);
    if (taken) {
      flush();
      nodes.push(taken.node);
      at = taken.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

/** @param {string} text @param {number} at @param {Names} names @returns {{node: Child, end: number} | null} */
function special(text, at, names) {
  const char = text[at];
  if (char === "\n") return { node: h("br", null), end: at + 1 };
  if (char === "<") {
    const end = text.indexOf(">", at);
    return end > at + 1 ? { node: bracketed(text.slice(at + 1, end), names), end: end + 1 } : null;
  }
  if (char === "&") {
    const entity = /^&(lt|gt|amp);/.exec(text.slice(at, at + 5));
    return entity ? { node: unescape(entity[0]), end: at + entity[0].length } : null;
  }
  if (char === ":") {
    const name = /^:([a-z0-9_+'-]{1,60}(?:::skin-tone-\d)?):/.exec(text.slice(at, at + 80));
    return name ? { node: emojiNode(name[1]), end: at + name[0].length } : null;
  }
  if (char === "`") {
    const end = text.indexOf("`", at + 1);
    if (end <= at + 1 || text.slice(at, end).includes("\n")) return null;
    return { node: h("code", null, unescape(text.slice(at + 1, end))), end: end + 1 };
  }
  const tag = WRAPPED.get(char);
  if (!tag || !canOpen(text, at)) return null;
  const end = closing(text, at, char);
  return end < 0 ? null : { node: h(tag, null, inline(text.slice(at + 1, end), names)), end: end + 1 };
}

/** @param {string} text @param {number} at */
function canOpen(text, at) {
  const before = text[at - 1];
  const after = text[at + 1];
  return (before === undefined || !/[\p{L}\p{N}]/u.test(before)) && after !== undefined && !/[\s*_~]/.test(after);
}

/** @param {string} text @param {number} at @param {string} mark */
function closing(text, at, mark) {
  for (let end = at + 2; end < text.length && text[end] !== "\n"; end += 1) {
    if (text[end] !== mark || /\s/.test(text[end - 1])) continue;
    const after = text[end + 1];
    if (after === undefined || !/[\p{L}\p{N}]/u.test(after)) return end;
  }
  return -1;
}

/** @param {string} token what stood between the brackets @param {Names} names @returns {Child} */
function bracketed(token, names) {
  const [target, ...rest] = token.split("|");
  const label = rest.length ? unescape(rest.join("|")) : undefined;
  if (target.startsWith("@")) return userMention(target.slice(1), names);
  if (target.startsWith("#")) return channelMention(target.slice(1), names, label);
  if (target.startsWith("!subteam^")) return groupMention(target.slice(9), label);
  if (target.startsWith("!date^")) {
    const [, seconds, format, url] = target.split("^");
    return dateNode(Number(seconds), unescape(format ?? ""), url, label ?? "");
  }
  if (/^!(here|channel|everyone)$/.test(target)) return broadcast(target.slice(1));
  return linkNode(unescape(target), [label ?? unescape(target).replace(/^mailto:/, "")]);
}
