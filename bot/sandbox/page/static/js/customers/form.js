// @ts-check
/** Shows the contact form as a customer sees it: the program's own hosted page. */

import { fill, h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { currentLanguage, t } from "../words.js";

export class FormTab {
  /** @param {{forms?: {name: string, url: string}[]}} config */
  constructor(config) {
    this.forms = config.forms ?? [];
    this.at = 0;
    this.node = h("section", { class: "tab form-tab" });
    this.drawn = "";
  }

  draw() {
    const form = this.forms[this.at];
    // The frame is made when it is first looked at, and left alone afterwards: a redraw would throw away what is typed in it.
    const wanted = `${this.at}:${currentLanguage()}`;
    if (this.drawn === wanted) return;
    this.drawn = wanted;
    if (!form) {
      fill(this.node, h("p", { class: "tab-lead" }, t("form.none")));
      return;
    }
    const frame = /** @type {HTMLIFrameElement} */ (h("iframe", { src: form.url, title: t("tab.form.title"), testid: "form-frame" }));
    fill(this.node,
      h("div", { class: "form-head" },
        this.forms.length > 1 ? h("select", { class: "field", "aria-label": t("tab.form.title"), onchange: (/** @type {Event} */ event) => { this.at = /** @type {HTMLSelectElement} */ (event.target).selectedIndex; this.draw(); } }, this.forms.map((one, at) => h("option", { selected: at === this.at }, one.name))) : h("strong", null, form.name),
        h("a", { href: form.url, target: "_blank", rel: "noopener", class: "link-button" }, t("form.open")),
        h("button", { type: "button", class: "icon-button", title: t("form.again"), "aria-label": t("form.again"), testid: "form-reload", onclick: () => { frame.src = form.url; } }, icon(ICONS.reload))),
      frame);
  }
}
