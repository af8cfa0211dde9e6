// @ts-check
/** Draws stickers. LINE's own pictures are not ours to show, so a few are drawn as emoji and all others by number. */

import { h } from "../dom.js";

/** @type {{package: string, sticker: string, drawn: string, keywords: string[]}[]} */
export const STICKERS = [
  { package: "446", sticker: "1988", drawn: "👋", keywords: ["Hello", "Hi"] },
  { package: "446", sticker: "1989", drawn: "🙏", keywords: ["Thanks", "Thank you"] },
  { package: "446", sticker: "1990", drawn: "😄", keywords: ["Happy", "Laugh"] },
  { package: "446", sticker: "1993", drawn: "🥹", keywords: ["Touched", "Relieved"] },
  { package: "446", sticker: "1994", drawn: "😢", keywords: ["Sad", "Cry"] },
  { package: "446", sticker: "1995", drawn: "😠", keywords: ["Angry"] },
  { package: "446", sticker: "2000", drawn: "👍", keywords: ["OK", "Good"] },
  { package: "446", sticker: "2001", drawn: "🎉", keywords: ["Congratulations"] },
];

/** @param {string} pack @param {string} sticker */
export function drawSticker(pack, sticker) {
  const known = STICKERS.find((one) => one.package === pack && one.sticker === sticker);
  return known ? h("span", { class: "sticker", role: "img", "aria-label": known.keywords[0] }, known.drawn) : h("span", { class: "sticker-number" }, `${pack}/${sticker}`);
}
