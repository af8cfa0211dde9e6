// @ts-check
/** Draws lists of Block Kit blocks. */

import { h } from "../dom.js";
import { t } from "../words.js";
import { drawElement, image } from "./elements.js";
import { markdown } from "./markdown.js";
import { richText } from "./rich_text.js";
import { plainText, textObject } from "./text.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {(block: any, desk: Desk) => HTMLElement} DrawBlock */

/** @type {Record<string, DrawBlock>} */
const BLOCKS = {
  header: (block) => h("h3", { class: "block block-header" }, plainText(block.text?.text ?? "")),
  section,
  rich_text: (block, desk) => h("div", { class: "block" }, richText(block, desk.names)),
  context,
  divider: () => h("hr", { class: "block" }),
  actions: (block, desk) => h("div", { class: "block block-actions" }, block.elements.map((/** @type {any} */ element) => drawElement(element, block, desk))),
  context_actions: (block, desk) => h("div", { class: "block block-actions" }, block.elements.flatMap((/** @type {any} */ element) => feedback(element, block, desk))),
  image: (block) => h("figure", { class: "block block-image" }, block.title && h("figcaption", null, plainText(block.title.text)), image(block)),
  input,
  markdown: (block) => h("div", { class: "block" }, markdown(block.text ?? "")),
  table,
  video,
  file: () => h("div", { class: "block block-context" }, t("block.file")),
};

/** @param {any[]} blocks @param {Desk} desk */
export function drawBlocks(blocks, desk) {
  return blocks.map((block) => {
    const draw = BLOCKS[block.type];
    const node = draw ? draw(block, desk) : h("div", { class: "block unknown" }, t("block.unknown", { type: block.type }));
    if (block.block_id) node.dataset.block = block.block_id;
    return node;
  });
}

/** @param {any} block @param {Desk} desk */
function section(block, desk) {
  return h("div", { class: block.accessory ? "block block-section with-accessory" : "block block-section" },
    h("div", { class: "section-text" },
      block.text && h("div", { class: "text" }, textObject(block.text, desk.names)),
      block.fields && h("div", { class: "section-fields" }, block.fields.map((/** @type {any} */ field) => h("div", { class: "text" }, textObject(field, desk.names))))),
    block.accessory && h("div", { class: `accessory accessory-${block.accessory.type}` }, drawElement(block.accessory, block, desk)));
}

/** @param {any} block @param {Desk} desk */
function context(block, desk) {
  return h("div", { class: "block block-context" }, block.elements.map((/** @type {any} */ element) =>
    element.type === "image" ? image(element) : h("span", { class: "text" }, textObject(element, desk.names))));
}

/** @param {any} block @param {Desk} desk */
function input(block, desk) {
  const field = drawElement(block.element, block, desk, { tells: Boolean(block.dispatch_action) });
  return h("div", { class: "block block-input", "data-input": block.block_id },
    h("div", { class: "label" }, plainText(block.label?.text ?? ""), block.optional && h("span", { class: "optional" }, t("form.optional"))),
    field,
    block.hint && h("div", { class: "hint" }, plainText(block.hint.text)),
    h("div", { class: "field-error", role: "alert", testid: `error-${block.block_id}` }));
}

/** @param {any} block @param {Desk} desk */
function table(block, desk) {
  const settings = block.column_settings ?? [];
  const cell = (/** @type {any} */ one, /** @type {number} */ column, /** @type {string} */ tag) => {
    const how = settings[column] ?? {};
    return h(tag, { class: `align-${how.align ?? "left"}${how.is_wrapped ? "" : " nowrap"}` },
      one.type === "rich_text" ? richText(one, desk.names) : plainText(String(one.text ?? one.value ?? "")));
  };
  const [first, ...rest] = block.rows ?? [];
  return h("div", { class: "block table-frame" }, h("table", null,
    first && h("thead", null, h("tr", null, first.map((/** @type {any} */ one, /** @type {number} */ column) => cell(one, column, "th")))),
    h("tbody", null, rest.map((/** @type {any[]} */ row) => h("tr", null, row.map((one, column) => cell(one, column, "td")))))));
}

/** @param {any} block */
function video(block) {
  return h("div", { class: "block block-video" }, h("a", { href: block.title_url ?? block.video_url, target: "_blank", rel: "noopener noreferrer" }, "▶ ", plainText(block.title?.text ?? "")),
    block.description && h("div", null, plainText(block.description.text)));
}

/** @param {any} element @param {any} block @param {Desk} desk */
function feedback(element, block, desk) {
  if (element.type !== "feedback_buttons") return [drawElement({ ...element, type: "button" }, block, desk)];
  return [element.positive_button, element.negative_button].map((one) => drawElement({ ...one, type: "button", action_id: element.action_id }, block, desk));
}
