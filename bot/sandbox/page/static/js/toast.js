// @ts-check
/** Shows short notices at the edge of the page, above everything else. */

import { h, icon } from "./dom.js";
import { ICONS } from "./icons.js";
import { t } from "./words.js";

/** @type {HTMLElement | null} */
let shelf = null;

/**
 * @param {string} text
 * @param {{level?: "calm" | "error", button?: {label: string, press: () => void}, stay?: number}} [how]
 */
export function toast(text, { level = "calm", button, stay = 6000 } = {}) {
  shelf ??= document.body.appendChild(h("div", { class: "toasts", popover: "manual", role: "status", "aria-live": "polite" }));
  const slip = h("div", { class: `toast toast-${level}`, testid: "toast" },
    h("span", null, text),
    button && h("button", { type: "button", class: "toast-button", onclick: () => { leave(); button.press(); } }, button.label),
    h("button", { type: "button", class: "icon-button", "aria-label": t("close"), onclick: () => leave() }, icon(ICONS.close, { size: 14 })));
  const leave = () => {
    slip.remove();
    if (shelf && !shelf.childElementCount && shelf.matches(":popover-open")) shelf.hidePopover();
  };
  shelf.appendChild(slip);
  // Shown anew, the shelf comes to lie above a dialog that was opened since.
  const open = document.querySelector("dialog[open]:last-of-type");
  const home = open ?? document.body;
  if (shelf.parentElement !== home) home.appendChild(shelf);
  if (shelf.matches(":popover-open")) shelf.hidePopover();
  shelf.showPopover();
  setTimeout(leave, stay);
}
