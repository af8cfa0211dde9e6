// @ts-check
/** Asks "are you sure?" in the app's own words before something is done. */

import { h } from "../dom.js";
import { t } from "../words.js";

/**
 * @param {any} question Slack's confirmation object, or nothing to ask
 * @returns {Promise<boolean>} true at once if there is nothing to ask
 */
export function confirmed(question) {
  if (!question) return Promise.resolve(true);
  return new Promise((resolve) => {
    let answer = false;
    const decide = (/** @type {boolean} */ yes) => () => { answer = yes; dialog.close(); };
    const danger = question.style === "danger";
    const dialog = /** @type {HTMLDialogElement} */ (h("dialog", {
      class: "confirm", testid: "confirm", "aria-label": question.title?.text, onclose: () => { dialog.remove(); resolve(answer); },
    },
    h("h2", null, question.title?.text ?? t("confirm.title")),
    h("p", null, question.text?.text ?? ""),
    h("div", { class: "dialog-foot" },
      h("button", { type: "button", class: "btn", testid: "confirm-no", onclick: decide(false) }, question.deny?.text ?? t("cancel")),
      h("button", { type: "button", class: danger ? "btn btn-danger" : "btn btn-primary", testid: "confirm-yes", autofocus: true, onclick: decide(true) },
        question.confirm?.text ?? t("yes")))));
    document.body.appendChild(dialog);
    dialog.showModal();
  });
}
