// @ts-check
/** Draws the interactive elements of blocks and tells the app what was pressed or chosen. */

import { h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { openMenu } from "../popover.js";
import { t } from "../words.js";
import { confirmed } from "./confirm.js";
import { FIELDS } from "./fields.js";
import { isSelect, select } from "./select.js";
import { plainText } from "./text.js";

/** @typedef {import("./desk.js").Desk} Desk */

/**
 * One element. Outside an input block every change is told to the app; inside one only if the block asks for it.
 * @param {any} element @param {any} block @param {Desk} desk @param {{tells?: boolean}} [how]
 * @returns {HTMLElement | null}
 */
export function drawElement(element, block, desk, { tells = true } = {}) {
  const changed = (/** @type {Record<string, any>} */ fields) => {
    if (tells) desk.act(block, element, fields);
  };
  if (element.type === "button" || element.type === "workflow_button") return button(element, block, desk);
  if (element.type === "overflow") return overflow(element, block, desk);
  if (element.type === "image") return image(element);
  if (isSelect(element.type)) return select(block, element, desk, changed);
  const draw = FIELDS[element.type];
  return draw ? draw(block, element, desk, changed) : h("span", { class: "unknown" }, t("block.unknown", { type: element.type }));
}

/** @param {any} element @param {any} block @param {Desk} desk */
function button(element, block, desk) {
  const style = element.style === "primary" ? " btn-primary" : element.style === "danger" ? " btn-danger" : "";
  const node = h("button", {
    type: "button", class: `btn${style}`, testid: `action-${element.action_id}`, "aria-label": element.accessibility_label, "data-value": element.value,
    onclick: async () => {
      if (node.getAttribute("aria-busy") === "true" || !await confirmed(element.confirm)) return;
      if (element.url) window.open(element.url, "_blank", "noopener,noreferrer");
      await whileBusy(node, desk.act(block, element, element.value === undefined ? {} : { value: element.value }));
    },
  }, plainText(element.text?.text ?? ""));
  return node;
}

/** Shows that the app has been asked, and a warning if it did not answer. @param {HTMLElement} node @param {Promise<boolean>} asked */
async function whileBusy(node, asked) {
  node.setAttribute("aria-busy", "true");
  const taken = await asked;
  node.removeAttribute("aria-busy");
  node.classList.toggle("btn-failed", !taken);
  node.title = taken ? "" : t("app.no_answer");
}

/** @param {any} element @param {any} block @param {Desk} desk */
function overflow(element, block, desk) {
  const node = h("button", {
    type: "button", class: "btn btn-overflow", "aria-label": t("more"), "aria-haspopup": "menu", testid: `action-${element.action_id}`,
    onclick: () => openMenu(node, element.options.map((/** @type {any} */ option) => ({
      label: option.text.text,
      hint: option.description?.text,
      testid: `option-${option.value}`,
      pick: async () => {
        if (!await confirmed(element.confirm)) return;
        if (option.url) window.open(option.url, "_blank", "noopener,noreferrer");
        await whileBusy(node, desk.act(block, element, { selected_option: option }));
      },
    }))),
  }, icon(ICONS.more));
  return node;
}

/** A picture, or its description where it lies on another server: this page loads nothing from elsewhere. @param {any} element */
export function image(element) {
  const address = element.image_url ?? element.slack_file?.url ?? "";
  const url = new URL(address || "about:blank", location.href);
  if (url.origin !== location.origin) return h("span", { class: "image-away", title: address }, `🖼 ${element.alt_text ?? ""}`);
  return h("img", { src: url.pathname + url.search, alt: element.alt_text ?? "", loading: "lazy" });
}
