// @ts-check
/** Draws people's little pictures: their initials on a colour of their own, or the counter's mark for the app. */

import { h } from "../dom.js";

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} text */
function hueOf(text) {
  let mixed = 7;
  for (const char of text) mixed = Math.imul(mixed ^ (char.codePointAt(0) ?? 0), 2654435761) >>> 3;
  return mixed % 12;
}

/** @param {string} name */
function initials(name) {
  const words = name.trim().split(/[\s・]+/);
  if (/[぀-ヿ㐀-鿿]/.test(name)) return [...words[0]].slice(0, words.length > 1 ? 2 : 1).join("");
  return words.slice(0, 2).map((word) => word[0] ?? "").join("").toUpperCase() || "?";
}

/** @param {string} name @param {{seed?: string, size?: "small" | "large"}} [how] */
export function avatar(name, { seed = name, size } = {}) {
  return h("span", { class: `avatar hue-${hueOf(seed)}${size ? ` avatar-${size}` : ""}`, "aria-hidden": "true" }, initials(name));
}

/** The mark of Madoguchi: a short split curtain over a counter with a bell. */
export function mark(size = 36) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 40 40", width: size, height: size, class: "mark", "aria-hidden": "true" })) svg.setAttribute(name, String(value));
  for (const [kind, d] of [
    ["mark-ground", "M10 0h20a10 10 0 0 1 10 10v20a10 10 0 0 1-10 10H10A10 10 0 0 1 0 30V10A10 10 0 0 1 10 0z"],
    ["mark-curtain", "M6 8h28v2.500H6zM7.500 10.500h7.700v10c0 .8-7.700 1.600-7.700 0zM16.200 10.500h7.600v8.500c0 1.400-7.600 1.400-7.600 0zM24.800 10.500h7.700v10c0 1.600-7.700.8-7.700 0z"],
    ["mark-counter", "M6 29.500h28v3H6z"],
    ["mark-bell", "M15.500 28.500a4.500 4.500 0 0 1 9 0zM19.200 22.600h1.600v1.600h-1.600z"],
  ]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", kind);
    path.setAttribute("d", d);
    svg.appendChild(path);
  }
  return svg;
}
