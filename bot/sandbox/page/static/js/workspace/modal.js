// @ts-check
/** Shows the forms that apps open: the top of the stack, with errors beside fields, and keeps what was typed. */

import { drawBlocks } from "../blocks/blocks.js";
import { FormState } from "../blocks/form_state.js";
import { plainText } from "../blocks/text.js";
import { fill, h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { t } from "../words.js";
import { mark } from "./avatar.js";
import { problems } from "./form_check.js";

/** @typedef {import("./workspace.js").Workspace} Workspace */

export class Modal {
  /** @param {Workspace} space */
  constructor(space) {
    this.space = space;
    /** @type {Map<string, FormState>} what is typed, by view */
    this.states = new Map();
    this.shownId = "";
    this.busy = false;
    this.hadFields = false;
    this.dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: "modal", testid: "modal", "aria-labelledby": "modal-title" }));
    this.dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.#leave(); });
    document.body.appendChild(this.dialog);
  }

  draw() {
    const views = this.space.store.views;
    const view = views.at(-1);
    for (const id of this.states.keys()) if (!views.some((one) => one.id === id)) this.states.delete(id);
    if (!view) {
      this.shownId = "";
      if (this.dialog.open) this.dialog.close();
      return;
    }
    if (!this.states.has(view.id)) this.states.set(view.id, new FormState());
    const state = /** @type {FormState} */ (this.states.get(view.id));
    state.prune(view.blocks ?? []);
    const kept = this.shownId === view.id ? rememberFocus(this.dialog) : () => {};
    const scrolled = this.shownId === view.id ? this.dialog.querySelector(".modal-body")?.scrollTop ?? 0 : 0;
    const isFresh = this.shownId !== view.id;
    this.shownId = view.id;
    this.busy = false;
    fill(this.dialog, this.#head(view, views.length), this.#body(view, state), this.#foot(view, state, views.length));
    if (!this.dialog.open) this.dialog.showModal();
    const body = /** @type {HTMLElement} */ (this.dialog.querySelector(".modal-body"));
    body.scrollTop = scrolled;
    kept();
    // A form often opens as "loading" and gets its fields a moment later: then the first field is what one waits for.
    const hasFields = Boolean(body.querySelector("input, textarea, .select"));
    if (isFresh || (hasFields && !this.hadFields) || !this.dialog.contains(document.activeElement)) focusFirst(this.dialog);
    this.hadFields = hasFields;
  }

  /** @param {any} view @param {number} depth */
  #head(view, depth) {
    return h("header", { class: "modal-head" },
      depth > 1 ? h("button", { type: "button", class: "icon-button", "aria-label": t("back"), onclick: () => this.#leave() }, icon(ICONS.back)) : mark(26),
      h("h2", { id: "modal-title", testid: "modal-title" }, plainText(view.title?.text ?? "")),
      h("button", { type: "button", class: "icon-button", "aria-label": t("close"), testid: "modal-close", onclick: () => this.#leave() }, icon(ICONS.close)));
  }

  /** @param {any} view @param {FormState} state */
  #body(view, state) {
    const container = { type: /** @type {"view"} */ ("view"), view_id: view.id };
    const blocks = view.blocks ?? [];
    return h("form", { class: "modal-body", novalidate: true, "data-view": view.id, onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.#submit(view, state); },
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) this.#submit(view, state);
      } },
    drawBlocks(blocks, this.space.desk("view", container, state)),
    // A form without a submit button of its own does not answer to Enter; this one is found by the keyboard only.
    view.submit && h("button", { type: "submit", class: "unseen", tabindex: "-1", "aria-hidden": "true" }));
  }

  /** @param {any} view @param {FormState} state @param {number} depth */
  #foot(view, state, depth) {
    return h("footer", { class: "dialog-foot" },
      h("div", { class: "modal-note", role: "alert", testid: "modal-note" }),
      h("button", { type: "button", class: "btn", testid: "modal-cancel", onclick: () => this.#leave() }, plainText(view.close?.text ?? (depth > 1 ? t("back") : t(view.submit ? "cancel" : "close")))),
      view.submit && h("button", { type: "button", class: "btn btn-primary", testid: "modal-submit", onclick: () => this.#submit(view, state) }, plainText(view.submit.text)));
  }

  /** @param {any} view @param {FormState} state */
  async #submit(view, state) {
    if (this.busy || !view.submit) return;
    const found = problems(view.blocks ?? [], state);
    this.#showErrors(found);
    if (Object.keys(found).length) return;
    this.#beBusy(true);
    const answer = await this.space.client.submit(view.id, state.toJSON());
    // The view may have been replaced while the app was thinking; then there is nothing left to show here.
    if (this.shownId !== view.id || !this.busy) return;
    this.#beBusy(false);
    if (answer.errors && Object.keys(answer.errors).length) this.#showErrors(answer.errors);
    else if (!answer.ok) this.#note(t("app.no_answer"));
  }

  /** @param {boolean} busy */
  #beBusy(busy) {
    this.busy = busy;
    this.dialog.querySelector("[data-testid=modal-submit]")?.setAttribute("aria-busy", String(busy));
    this.#note("");
  }

  /** @param {string} text */
  #note(text) {
    const note = this.dialog.querySelector(".modal-note");
    if (note) note.textContent = text;
  }

  /** @param {Record<string, string>} errors by block */
  #showErrors(errors) {
    let first = null;
    for (const block of this.dialog.querySelectorAll("[data-input]")) {
      const text = errors[/** @type {HTMLElement} */ (block).dataset.input ?? ""] ?? "";
      block.classList.toggle("has-error", Boolean(text));
      const line = block.querySelector(".field-error");
      if (line) line.textContent = text;
      if (text) first ??= block;
    }
    first?.scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement | null | undefined} */ (first?.querySelector("input, textarea, button"))?.focus();
  }

  async #leave() {
    const view = this.space.store.views.at(-1);
    if (!view) return;
    const answer = await this.space.client.close(view.id);
    // A form must never hold a person captive: if the server cannot be asked, it closes here all the same.
    if (!answer.ok) this.space.store.apply({ type: "view_closed", view });
  }
}

/** Finds the same field again after a redraw, with the cursor where it was. @param {HTMLElement} dialog */
function rememberFocus(dialog) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const hook = focused && dialog.contains(focused) ? focused.dataset.testid : "";
  const place = focused && "selectionStart" in focused ? [/** @type {any} */ (focused).selectionStart, /** @type {any} */ (focused).selectionEnd] : null;
  return () => {
    if (!hook) return;
    const again = /** @type {any} */ (dialog.querySelector(`[data-testid="${CSS.escape(hook)}"]`));
    again?.focus();
    if (place && place[0] !== null && again?.setSelectionRange && again.value !== undefined) again.setSelectionRange(...place);
  };
}

/** @param {HTMLElement} dialog */
function focusFirst(dialog) {
  const wanted = [".modal-body [autofocus]", ".modal-body textarea, .modal-body input.field", ".modal-body button:not(.unseen), .modal-body input", "[data-testid=modal-submit]", "[data-testid=modal-cancel]"]
    .map((one) => dialog.querySelector(one)).find(Boolean);
  /** @type {HTMLElement | null} */ (wanted)?.focus();
}
