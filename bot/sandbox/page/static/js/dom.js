// @ts-check
/** Makes DOM nodes. Text always goes in as text: nothing in this page is ever inserted as HTML. */

/** @typedef {Node | string | number | null | undefined | false} Leaf */
/** @typedef {Leaf | readonly Leaf[] | readonly (Leaf | readonly Leaf[])[]} Child what may stand in an element, in lists if need be */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with its attributes, listeners (`onclick: fn`) and children. `false`, `null` and `undefined` leave an attribute
 * or a child out; `true` sets an attribute that needs no value; `testid` is the hook that tests find it by.
 * @param {string} tag
 * @param {Record<string, any> | null} [props]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "testid") element.dataset.testid = value;
    else if (name === "value" || name === "checked" || name === "disabled" || name === "selected") {
      /** @type {any} */ (element)[name] = value;
    } else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/**
 * @param {ParentNode & Node} parent
 * @param {readonly Child[]} children
 */
export function append(parent, children) {
  for (const child of /** @type {Leaf[]} */ (children.flat(Infinity))) {
    if (child === null || child === undefined || child === false) continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * Replaces all that an element holds.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/**
 * A drawn icon in the colour of the text around it.
 * @param {string} path SVG path data on a 20 by 20 grid
 * @param {{size?: number, filled?: boolean}} [how]
 */
export function icon(path, { size = 18, filled = false } = {}) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("width", String(size));
  svg.setAttribute("height", String(size));
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  line.setAttribute("fill", filled ? "currentColor" : "none");
  if (!filled) {
    line.setAttribute("stroke", "currentColor");
    line.setAttribute("stroke-width", "1.6");
    line.setAttribute("stroke-linecap", "round");
    line.setAttribute("stroke-linejoin", "round");
  }
  svg.appendChild(line);
  return svg;
}

/**
 * Brings a list of nodes up to date and keeps the ones that have not changed, so that focus, scrolling and half-typed text
 * in them survive.
 * @param {Element} parent
 * @param {{key: string, stamp: any, make: () => HTMLElement}[]} items
 */
export function keyed(parent, items) {
  /** @type {Map<string, any>} */
  const present = new Map();
  for (const child of Array.from(parent.children)) present.set(/** @type {any} */ (child).itemKey, child);
  let cursor = parent.firstElementChild;
  for (const item of items) {
    let node = present.get(item.key);
    if (!node || node.itemStamp !== item.stamp) {
      const made = /** @type {any} */ (item.make());
      made.itemKey = item.key;
      made.itemStamp = item.stamp;
      if (node) {
        if (cursor === node) cursor = node.nextElementSibling;
        node.remove();
      }
      node = made;
    }
    present.delete(item.key);
    if (node === cursor) cursor = node.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
  for (const left of present.values()) left.remove();
}

/**
 * Runs the work once before the next picture, however often it is asked for.
 * @param {() => void} work
 */
export function onceAFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    // A hidden tab draws no frames, but must not fall behind for ever: it works on a timer instead.
    const run = () => { asked = false; work(); };
    if (document.hidden) setTimeout(run, 200);
    else requestAnimationFrame(run);
  };
}
