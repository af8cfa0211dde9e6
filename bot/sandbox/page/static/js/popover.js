// @ts-check
/** Opens little panels beside what was clicked: menus, lists to choose from, pickers. */

import { h } from "./dom.js";

/** @type {WeakMap<Element, number>} */
const closedAt = new WeakMap();

/**
 * Opens a panel at its anchor. The browser closes it on Escape and on a click elsewhere.
 * @param {HTMLElement} anchor
 * @param {HTMLElement} content
 * @param {{kind?: string, width?: number, onclose?: () => void}} [how]
 * @returns {{close: () => void, place: () => void} | null} nothing if this click has just closed the same panel
 */
export function openPopover(anchor, content, { kind = "panel", width, onclose } = {}) {
  // The press that closes an open panel is followed by a click on its anchor, which must not open it again.
  if (performance.now() - (closedAt.get(anchor) ?? -1000) < 200) return null;
  const panel = h("div", { popover: "auto", class: `popover popover-${kind}` }, content);
  if (width) panel.style.width = `${width}px`;
  // Everything outside an open dialog is inert, so the panel has to stand inside it.
  (anchor.closest("dialog") ?? document.body).appendChild(panel);
  const place = () => placeBeside(anchor, panel);
  panel.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    closedAt.set(anchor, performance.now());
    anchor.setAttribute("aria-expanded", "false");
    panel.remove();
    onclose?.();
  });
  panel.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  place();
  return { close: () => panel.isConnected && panel.hidePopover(), place };
}

/** @param {HTMLElement} anchor @param {HTMLElement} panel */
function placeBeside(anchor, panel) {
  const at = anchor.getBoundingClientRect();
  const size = panel.getBoundingClientRect();
  const edge = 8;
  const below = at.bottom + 4 + size.height <= innerHeight - edge || at.top < innerHeight - at.bottom;
  const top = below ? at.bottom + 4 : at.top - size.height - 4;
  const left = at.left + size.width > innerWidth - edge ? at.right - size.width : at.left;
  panel.style.top = `${Math.max(edge, Math.min(top, innerHeight - size.height - edge))}px`;
  panel.style.left = `${Math.max(edge, Math.min(left, innerWidth - size.width - edge))}px`;
}

/**
 * A menu of things to do.
 * @param {HTMLElement} anchor
 * @param {({label: string, hint?: string, danger?: boolean, testid?: string, lead?: Node, checked?: boolean,
 *           pick: () => void} | null)[]} items null draws a line
 * @param {{kind?: string}} [how]
 */
export function openMenu(anchor, items, { kind = "menu" } = {}) {
  /** @type {ReturnType<typeof openPopover>} */
  let panel = null;
  const entries = items.map((item) => item === null ? h("hr", null) : h("button", {
    type: "button", role: "menuitem", class: item.danger ? "menu-item danger" : "menu-item", testid: item.testid,
    "aria-checked": item.checked === undefined ? undefined : String(item.checked),
    onclick: () => { panel?.close(); item.pick(); },
  }, item.lead, h("span", { class: "menu-label" }, item.label, item.hint && h("small", null, item.hint)),
  item.checked && h("span", { class: "menu-check", "aria-hidden": "true" }, "✓")));
  const list = h("div", { role: "menu", class: "menu", onkeydown: moveByArrows }, entries);
  panel = openPopover(anchor, list, { kind });
  if (panel) /** @type {HTMLElement | null} */ (list.querySelector("button"))?.focus();
}

/** Moves the focus among the buttons of a list. @param {KeyboardEvent} event */
export function moveByArrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  const buttons = /** @type {HTMLElement[]} */ (Array.from(list.querySelectorAll("button:not(:disabled)")));
  const now = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  buttons[(now + step + buttons.length) % buttons.length]?.focus();
}
