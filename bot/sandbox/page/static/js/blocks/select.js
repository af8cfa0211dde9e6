// @ts-check
/** Draws Slack's select menus: one or many, from a fixed list, from people, from rooms, or asked of the app. */

import { fill, h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { moveByArrows, openPopover } from "../popover.js";
import { t } from "../words.js";
import { confirmed } from "./confirm.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./desk.js").Choice} Choice */
/** @typedef {import("./desk.js").Group} Group */

/**
 * How each kind of select is filled, and what its value is called.
 * @type {Record<string, {field: string, first: string, whole: boolean, many: boolean, source: "own" | "app" | "people" | "rooms"}>}
 */
const KINDS = {
  static_select: { field: "selected_option", first: "initial_option", whole: true, many: false, source: "own" },
  external_select: { field: "selected_option", first: "initial_option", whole: true, many: false, source: "app" },
  users_select: { field: "selected_user", first: "initial_user", whole: false, many: false, source: "people" },
  conversations_select: { field: "selected_conversation", first: "initial_conversation", whole: false, many: false, source: "rooms" },
  channels_select: { field: "selected_channel", first: "initial_channel", whole: false, many: false, source: "rooms" },
  multi_static_select: { field: "selected_options", first: "initial_options", whole: true, many: true, source: "own" },
  multi_external_select: { field: "selected_options", first: "initial_options", whole: true, many: true, source: "app" },
  multi_users_select: { field: "selected_users", first: "initial_users", whole: false, many: true, source: "people" },
  multi_conversations_select: { field: "selected_conversations", first: "initial_conversations", whole: false, many: true, source: "rooms" },
  multi_channels_select: { field: "selected_channels", first: "initial_channels", whole: false, many: true, source: "rooms" },
};

/** @param {string} type */
export function isSelect(type) {
  return type in KINDS;
}

/**
 * @param {any} block
 * @param {any} element
 * @param {Desk} desk
 * @param {(fields: Record<string, any>) => void} changed
 */
export function select(block, element, desk, changed) {
  const kind = KINDS[element.type];
  const first = element[kind.first] ?? (kind.many ? [] : null);
  desk.state.start(block.block_id, element.action_id, { type: element.type, [kind.field]: first });
  const chosen = () => /** @type {any[]} */ ([desk.state.get(block.block_id, element.action_id)[kind.field] ?? []].flat());
  const nameOf = (/** @type {any} */ item) => kind.whole ? item.text.text : nameById(item, kind.source, desk);
  const idOf = (/** @type {any} */ item) => (kind.whole ? item.value : item);
  const label = h("span", { class: "select-label" });
  const anchor = h("button", {
    type: "button", class: "select", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false",
    testid: `action-${element.action_id}`, onclick: () => open(),
  }, label, icon(ICONS.down, { size: 14 }));

  const draw = () => {
    const items = chosen();
    anchor.classList.toggle("select-empty", items.length === 0);
    if (!items.length) fill(label, element.placeholder?.text ?? t("select.placeholder"));
    else if (kind.many) fill(label, items.map((item) => h("span", { class: "chip" }, nameOf(item))));
    else fill(label, nameOf(items[0]));
  };

  const choose = async (/** @type {Choice} */ choice) => {
    if (!await confirmed(element.confirm)) return;
    const value = kind.whole ? choice : choice.value;
    const now = chosen();
    const without = now.filter((item) => idOf(item) !== choice.value);
    /** @type {any} */
    let next = value;
    if (kind.many) {
      if (without.length === now.length && element.max_selected_items && now.length >= element.max_selected_items) return;
      next = without.length < now.length ? without : [...now, value];
    }
    desk.state.set(block.block_id, element.action_id, { type: element.type, [kind.field]: next });
    draw();
    changed({ [kind.field]: next });
  };

  const open = () => openChoices({
    anchor,
    many: kind.many,
    search: kind.source !== "own" || countChoices(element) > 7,
    leastQuery: kind.source === "app" ? element.min_query_length ?? 3 : 0,
    load: (query) => load(block, element, kind.source, desk, query),
    isChosen: (value) => chosen().some((item) => idOf(item) === value),
    choose,
  });

  draw();
  return anchor;
}

/** @param {any} element */
function countChoices(element) {
  return (element.options ?? (element.option_groups ?? []).flatMap((/** @type {Group} */ group) => group.options)).length;
}

/** @param {string} id @param {string} source @param {Desk} desk */
function nameById(id, source, desk) {
  return source === "people" ? `@${desk.names.userName(id)}` : `#${desk.names.channelName(id)}`;
}

/** @param {any} block @param {any} element @param {string} source @param {Desk} desk @param {string} query @returns {Promise<Group[]>} */
async function load(block, element, source, desk, query) {
  if (source === "app") return /** @type {Group[]} */ (await desk.suggest(block, element, query));
  let groups = element.option_groups ?? [{ options: element.options ?? [] }];
  if (source !== "own") {
    const sigil = source === "people" ? "@" : "#";
    const found = source === "people" ? desk.people() : desk.rooms();
    groups = [{ options: found.map(({ id, name }) => ({ value: id, text: { type: "plain_text", text: sigil + name } })) }];
  }
  const wanted = query.trim().toLocaleLowerCase().normalize("NFKC");
  const fits = (/** @type {Choice} */ choice) => choice.text.text.toLocaleLowerCase().normalize("NFKC").includes(wanted);
  return groups.map((/** @type {Group} */ group) => ({ ...group, options: group.options.filter(fits) }))
    .filter((/** @type {Group} */ group) => group.options.length);
}

/**
 * @param {{anchor: HTMLElement, many: boolean, search: boolean, leastQuery: number, load: (query: string) => Promise<Group[]>,
 *          isChosen: (value: string) => boolean, choose: (choice: Choice) => void}} asked
 */
function openChoices({ anchor, many, search, leastQuery, load: loadChoices, isChosen, choose }) {
  const list = h("div", { role: "listbox", class: "choices", "aria-multiselectable": String(many) });
  const field = h("input", { type: "search", class: "choice-search", placeholder: t("select.search"), "aria-label": t("select.search"), autocomplete: "off" });
  const content = h("div", { onkeydown: moveThroughChoices }, search && h("div", { class: "choice-search-row" }, field), list);
  const panel = openPopover(anchor, content, { kind: "choices", width: Math.max(anchor.offsetWidth, 220), onclose: () => anchor.focus() });
  if (!panel) return;
  let asked = 0;

  const show = async () => {
    const query = /** @type {HTMLInputElement} */ (field).value;
    const turn = ++asked;
    if (query.length < leastQuery) {
      fill(list, h("p", { class: "choice-note" }, t("select.type_more", { n: leastQuery })));
      return;
    }
    fill(list, h("p", { class: "choice-note" }, t("loading")));
    const groups = await loadChoices(query);
    if (turn !== asked) return; // A slower answer to an earlier query must not replace this one.
    const some = groups.some((group) => group.options.length);
    fill(list, some ? groups.map((group) => drawGroup(group)) : h("p", { class: "choice-note" }, t("select.nothing")));
    panel.place();
    if (!search) /** @type {HTMLElement | null} */ (list.querySelector("[aria-selected=true]") ?? list.querySelector("button"))?.focus();
  };

  const drawGroup = (/** @type {Group} */ group) => [
    group.label && h("div", { class: "choice-group" }, group.label.text),
    ...group.options.map((choice) => {
      const row = h("button", {
        type: "button", role: "option", class: "choice", "aria-selected": String(isChosen(choice.value)), "data-value": choice.value,
        testid: `option-${choice.value}`,
        onclick: () => {
          choose(choice);
          if (many) row.setAttribute("aria-selected", String(isChosen(choice.value)));
          else panel.close();
        },
      }, h("span", null, choice.text.text, choice.description && h("small", null, choice.description.text)));
      return row;
    }),
  ];

  let timer = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(show, leastQuery ? 250 : 0);
  });
  if (search) field.focus();
  show();
}

/** @param {KeyboardEvent} event */
function moveThroughChoices(event) {
  moveByArrows(event);
  const inSearch = /** @type {HTMLElement} */ (event.target).matches("input");
  if (inSearch && event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.currentTarget).querySelector("button.choice"))?.click();
  }
}
