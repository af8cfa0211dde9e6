// @ts-check
/** Draws markdown blocks: headings, lists, quotes, code, tables, and the usual marks inside a line. */

import { h } from "../dom.js";
import { emojiNode, linkNode } from "./tokens.js";

/** @typedef {import("../dom.js").Leaf} Child */

/** @param {string} text @returns {HTMLElement} */
export function markdown(text) {
  return h("div", { class: "markdown" }, blocks(text.replace(/\r\n?/g, "\n").split("\n")));
}

/** Each reader takes the lines it understands from the front and gives what it drew, or nothing. */
const READERS = [fence, heading, rule, quote, table, list];

/** @param {string[]} lines @returns {Child[]} */
function blocks(lines) {
  /** @type {Child[]} */
  const drawn = [];
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const read = READERS.map((reader) => reader(lines, at)).find(Boolean) ?? paragraph(lines, at);
    drawn.push(read.node);
    at = read.end;
  }
  return drawn;
}

/** @typedef {{node: Child, end: number} | null} Read */

/** @param {string[]} lines @param {number} at @returns {Read} */
function fence(lines, at) {
  if (!lines[at].startsWith("```")) return null;
  let end = at + 1;
  while (end < lines.length && !lines[end].startsWith("```")) end += 1;
  return { node: h("pre", null, lines.slice(at + 1, end).join("\n")), end: end + 1 };
}

/** @param {string[]} lines @param {number} at @returns {Read} */
function heading(lines, at) {
  const found = /^(#{1,6}) +(.*?) *#*$/.exec(lines[at]);
  return found && { node: h(`h${Math.min(found[1].length + 2, 6)}`, null, inline(found[2])), end: at + 1 };
}

/** @param {string[]} lines @param {number} at @returns {Read} */
function rule(lines, at) {
  return /^ {0,3}([-*_])( *\1){2,} *$/.test(lines[at]) ? { node: h("hr", null), end: at + 1 } : null;
}

/** @param {string[]} lines @param {number} at @returns {Read} */
function quote(lines, at) {
  let end = at;
  while (end < lines.length && lines[end].startsWith(">")) end += 1;
  if (end === at) return null;
  return { node: h("blockquote", null, blocks(lines.slice(at, end).map((line) => line.replace(/^> ?/, "")))), end };
}

/** @param {string[]} lines @param {number} at @returns {Read} */
function table(lines, at) {
  const dashes = lines[at + 1];
  if (!lines[at].includes("|") || !dashes || !/^[\s|:-]+$/.test(dashes) || !dashes.includes("-")) return null;
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const row = (/** @type {string} */ line, /** @type {string} */ tag) =>
    h("tr", null, line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => h(tag, null, inline(cell.trim()))));
  return {
    node: h("div", { class: "table-frame" }, h("table", null,
      h("thead", null, row(lines[at], "th")), h("tbody", null, lines.slice(at + 2, end).map((line) => row(line, "td"))))),
    end,
  };
}

const ITEM = /^(\s*)([-*+]|\d{1,9}[.)]) +(.*)$/;

/** @param {string[]} lines @param {number} at @returns {Read} */
function list(lines, at) {
  const first = ITEM.exec(lines[at]);
  if (!first) return null;
  const indent = first[1].length;
  /** @type {HTMLElement[]} */
  const items = [];
  let end = at;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end]);
    if (!item || item[1].length < indent) break;
    if (item[1].length > indent && items.length) {
      const inner = /** @type {{node: Node, end: number}} */ (list(lines, end));
      items[items.length - 1].appendChild(inner.node);
      end = inner.end;
      continue;
    }
    const task = /^\[([ xX])\] +(.*)$/.exec(item[3]);
    items.push(h("li", null, task ? [task[1] === " " ? "☐ " : "☑ ", ...inline(task[2])] : inline(item[3])));
    end += 1;
  }
  return { node: h(/\d/.test(first[2]) ? "ol" : "ul", null, items), end };
}

/** @param {string[]} lines @param {number} at @returns {{node: Child, end: number}} */
function paragraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !READERS.some((reader) => reader(lines, end))) end += 1;
  /** @type {Child[]} */
  const children = lines.slice(at, end).flatMap((line, index) => (index ? [h("br", null), ...inline(line)] : inline(line)));
  return { node: h("p", null, children), end };
}

const MARKS = /(`+)(.+?)\1|\*\*(.+?)\*\*|__(.+?)__|~~(.+?)~~|\*([^*\s][^*]*)\*|\b_([^_]+)_\b|\[([^\]]*)\]\(([^()\s]+)\)|:([a-z0-9_+-]{1,60}):|(https?:\/\/[^\s<>)]+)|\\([\\`*_{}[\]()#+.!~>|-])/;

/** @param {string} text @returns {Child[]} */
function inline(text) {
  /** @type {Child[]} */
  const nodes = [];
  let rest = text;
  for (let found = MARKS.exec(rest); found; found = MARKS.exec(rest)) {
    nodes.push(rest.slice(0, found.index), marked(found));
    rest = rest.slice(found.index + found[0].length);
  }
  nodes.push(rest);
  return nodes;
}

/** @param {RegExpExecArray} found @returns {Child} */
function marked(found) {
  const [, , code, bold, bold2, strike, italic, italic2, label, url, emoji, bare, escaped] = found;
  if (code !== undefined) return h("code", null, code.trim());
  if (bold ?? bold2) return h("strong", null, inline(bold ?? bold2));
  if (strike) return h("s", null, inline(strike));
  if (italic ?? italic2) return h("em", null, inline(italic ?? italic2));
  if (url) return linkNode(url, inline(label));
  if (emoji) return emojiNode(emoji);
  if (bare) return linkNode(bare, [bare]);
  return escaped;
}
