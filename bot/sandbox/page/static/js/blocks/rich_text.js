// @ts-check
/** Draws rich text blocks: sections, lists, quotes and preformatted text with their elements. */

import { h } from "../dom.js";
import { broadcast, channelMention, dateNode, emojiNode, groupMention, linkNode, userMention } from "./tokens.js";

/** @typedef {import("./tokens.js").Names} Names */
/** @typedef {import("../dom.js").Leaf} Child */

/** @param {any} block @param {Names} names */
export function richText(block, names) {
  return h("div", { class: "rich-text" }, listed(block.elements ?? [], names));
}

/** Lists that follow each other with more indent belong inside one another. @param {any[]} parts @param {Names} names */
function listed(parts, names) {
  return parts.map((part) => {
    switch (part.type) {
      case "rich_text_section": return h("p", null, inlineElements(part.elements, names));
      case "rich_text_quote": return h("blockquote", null, inlineElements(part.elements, names));
      case "rich_text_preformatted": return h("pre", null, inlineElements(part.elements, names));
      case "rich_text_list": return list(part, names);
      default: return null;
    }
  });
}

/** @param {any} part @param {Names} names */
function list(part, names) {
  const items = (part.elements ?? []).map((/** @type {any} */ item) => h("li", null, inlineElements(item.elements, names)));
  const start = part.style === "ordered" && part.offset ? { start: part.offset + 1 } : {};
  const indent = Math.min(Number(part.indent) || 0, 8);
  return h(part.style === "ordered" ? "ol" : "ul", { ...start, class: `indent-${indent}` }, items);
}

/** @param {any[]} elements @param {Names} names @returns {Child[]} */
function inlineElements(elements, names) {
  return (elements ?? []).flatMap((element) => styled(drawn(element, names), element.style ?? {}));
}

/** @param {any} element @param {Names} names @returns {Child[]} */
function drawn(element, names) {
  switch (element.type) {
    case "text": return broken(element.text ?? "");
    case "link": return [linkNode(element.url ?? "", [element.text || element.url])];
    case "user": return [userMention(element.user_id, names)];
    case "channel": return [channelMention(element.channel_id, names)];
    case "usergroup": return [groupMention(element.usergroup_id)];
    case "broadcast": return [broadcast(element.range)];
    case "emoji": return [element.unicode ? fromCodePoints(element.unicode) : emojiNode(element.name)];
    case "date": return [dateNode(element.timestamp, element.format ?? "", element.url, element.fallback ?? "")];
    case "color": return [h("code", null, element.value)];
    default: return [];
  }
}

/** @param {string} text @returns {Child[]} */
function broken(text) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br", null), line] : [line]));
}

/** @param {string} unicode */
function fromCodePoints(unicode) {
  const points = unicode.split("-").map((point) => Number.parseInt(point, 16));
  return points.every((point) => point >= 0 && point <= 0x10ffff) ? String.fromCodePoint(...points) : "";
}

/** @param {Child[]} nodes @param {Record<string, boolean>} style @returns {Child[]} */
function styled(nodes, style) {
  let wrapped = nodes;
  if (style.code) wrapped = [h("code", null, wrapped)];
  if (style.strike) wrapped = [h("s", null, wrapped)];
  if (style.italic) wrapped = [h("em", null, wrapped)];
  if (style.bold) wrapped = [h("strong", null, wrapped)];
  if (style.underline) wrapped = [h("u", null, wrapped)];
  return wrapped;
}
