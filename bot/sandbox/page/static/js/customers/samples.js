// @ts-check
/** Sets sample customers going: one story, all in turn, or a burst. */

import { fill, h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { toast } from "../toast.js";
import { t } from "../words.js";
import { avatar } from "../workspace/avatar.js";

export class SamplesTab {
  /** @param {import("./town.js").Town} town */
  constructor(town) {
    this.town = town;
    this.node = h("section", { class: "tab samples" });
  }

  draw() {
    const { town } = this;
    const burst = (/** @type {number} */ n) => h("button", { type: "button", class: "btn btn-small", testid: `burst-${n}`, onclick: async () => { if ((await town.play({ burst: n })).ok) toast(t("samples.burst_sent", { n })); } }, `×${n}`);
    fill(this.node,
      h("p", { class: "tab-lead" }, t("samples.lead")),
      h("div", { class: "samples-all" },
        h("button", { type: "button", class: town.parading ? "btn" : "btn btn-primary", testid: "parade", onclick: () => town.play({ parade: !town.parading }) }, icon(town.parading ? ICONS.stop : ICONS.play, { size: 14, filled: true }), t(town.parading ? "samples.stop" : "samples.all")),
        h("span", { class: "burst" }, h("span", null, t("samples.burst")), burst(10), burst(50), burst(200))),
      h("div", { class: "sample-rows" }, town.samples.map((sample) => this.#sample(sample))));
  }

  /** @param {any} sample */
  #sample(sample) {
    const person = this.town.person(sample.person);
    const node = h("button", { type: "button", class: "sample", testid: `sample-${sample.name}`, onclick: async () => {
      node.classList.add("played");
      await this.town.play({ name: sample.name });
    }, onanimationend: () => node.classList.remove("played") },
    avatar(person?.name ?? "", { seed: sample.person }),
    h("span", { class: "sample-text" }, h("strong", null, sample.topic), h("small", null, icon(sample.medium === "mail" ? ICONS.mail : ICONS.phone, { size: 13 }), `${person?.name ?? ""} · ${t(`medium.${sample.medium}`)}`, sample.has_picture ? icon(ICONS.image, { size: 13 }) : null)),
    h("span", { class: "sample-play" }, icon(ICONS.play, { size: 14, filled: true })));
    return node;
  }
}
