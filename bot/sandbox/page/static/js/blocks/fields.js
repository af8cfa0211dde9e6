// @ts-check
/** Draws the elements that are typed or ticked: text, numbers, addresses, dates, boxes, radio buttons, files. */

import { fill, h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { fileSize, t } from "../words.js";
import { confirmed } from "./confirm.js";
import { textObject } from "./text.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {(fields: Record<string, any>) => void} Changed */
/** @typedef {(block: any, element: any, desk: Desk, changed: Changed) => HTMLElement} Draw */

/** @type {Record<string, Draw>} */
export const FIELDS = {
  plain_text_input: text("text"),
  email_text_input: text("email"),
  url_text_input: text("url"),
  number_input: text("number"),
  datepicker: moment("date", "selected_date", "initial_date"),
  timepicker: moment("time", "selected_time", "initial_time"),
  datetimepicker: dateAndTime,
  checkboxes,
  radio_buttons: radioButtons,
  file_input: fileInput,
};

let fieldCount = 0;

/** @param {"text" | "email" | "url" | "number"} type @returns {Draw} */
function text(type) {
  return (block, element, desk, changed) => {
    const first = element.initial_value ?? null;
    const kept = desk.state.start(block.block_id, element.action_id, { type: element.type, value: first }).value ?? "";
    const hooks = {
      class: "field", testid: `input-${block.block_id}`, "data-action": element.action_id, placeholder: element.placeholder?.text,
      "aria-label": block.label?.text, autofocus: element.focus_on_load,
    };
    const field = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (element.multiline
      ? h("textarea", { ...hooks, rows: 5 })
      : h("input", { ...hooks, type: type === "number" ? "text" : type, inputmode: type === "number" ? "decimal" : undefined, autocomplete: "off" }));
    field.value = kept;
    const counter = element.max_length ? h("span", { class: "counter", "aria-live": "off" }) : null;
    const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
    let timer = 0;
    const tell = () => changed({ value: field.value || null });
    const count = () => {
      if (!counter) return;
      const left = element.max_length - field.value.length;
      counter.textContent = String(left);
      counter.classList.toggle("counter-over", left < 0);
    };
    field.addEventListener("input", () => {
      desk.state.set(block.block_id, element.action_id, { type: element.type, value: field.value || null });
      count();
      grow(field);
      if (!triggers.includes("on_character_entered")) return;
      clearTimeout(timer);
      timer = window.setTimeout(tell, 400);
    });
    field.addEventListener("keydown", (event) => {
      const key = /** @type {KeyboardEvent} */ (event);
      if (key.key !== "Enter" || key.isComposing || element.multiline) return;
      if (triggers.includes("on_enter_pressed") && block.dispatch_action) {
        key.preventDefault();
        tell();
      }
    });
    count();
    requestAnimationFrame(() => grow(field));
    return counter ? h("div", { class: "field-frame" }, field, counter) : field;
  };
}

/** Lets a text area grow with its text. @param {HTMLInputElement | HTMLTextAreaElement} field */
function grow(field) {
  if (field.tagName !== "TEXTAREA" || !field.isConnected) return;
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 360)}px`;
}

/** @param {"date" | "time"} type @param {string} name @param {string} initial @returns {Draw} */
function moment(type, name, initial) {
  return (block, element, desk, changed) => {
    const kept = desk.state.start(block.block_id, element.action_id, { type: element.type, [name]: element[initial] ?? null })[name];
    return h("input", {
      type, class: "field field-short", testid: `action-${element.action_id}`, "aria-label": block.label?.text ?? element.placeholder?.text, value: kept ?? "",
      onchange: async (/** @type {Event} */ event) => {
        if (!await confirmed(element.confirm)) return;
        const value = /** @type {HTMLInputElement} */ (event.target).value || null;
        desk.state.set(block.block_id, element.action_id, { type: element.type, [name]: value });
        changed({ [name]: value });
      },
    });
  };
}

/** @type {Draw} */
function dateAndTime(block, element, desk, changed) {
  const first = element.initial_date_time ?? null;
  const kept = desk.state.start(block.block_id, element.action_id, { type: element.type, selected_date_time: first }).selected_date_time;
  // The browser's field shows local time without a zone; Slack's value counts seconds.
  const local = (/** @type {number} */ seconds) => new Date((seconds - new Date(seconds * 1000).getTimezoneOffset() * 60) * 1000).toISOString().slice(0, 16);
  return h("input", {
    type: "datetime-local", class: "field field-short", testid: `action-${element.action_id}`, "aria-label": block.label?.text, value: kept ? local(kept) : "",
    onchange: (/** @type {Event} */ event) => {
      const typed = /** @type {HTMLInputElement} */ (event.target).value;
      const value = typed ? Math.floor(new Date(typed).getTime() / 1000) : null;
      desk.state.set(block.block_id, element.action_id, { type: element.type, selected_date_time: value });
      changed({ selected_date_time: value });
    },
  });
}

/** @type {Draw} */
function checkboxes(block, element, desk, changed) {
  const first = element.initial_options ?? [];
  /** @type {any[]} */
  let chosen = desk.state.start(block.block_id, element.action_id, { type: element.type, selected_options: first }).selected_options;
  const flip = async (/** @type {any} */ option, /** @type {HTMLInputElement} */ box) => {
    if (!await confirmed(element.confirm)) {
      box.checked = !box.checked;
      return;
    }
    const rest = chosen.filter((one) => one.value !== option.value);
    chosen = box.checked ? [...rest, option] : rest;
    desk.state.set(block.block_id, element.action_id, { type: element.type, selected_options: chosen });
    changed({ selected_options: chosen });
  };
  return h("div", { class: "options", role: "group", testid: `action-${element.action_id}`, "aria-label": block.label?.text }, element.options.map((/** @type {any} */ option) =>
    optionRow("checkbox", option, chosen.some((one) => one.value === option.value), `${element.action_id}`, desk, (box) => flip(option, box))));
}

/** @type {Draw} */
function radioButtons(block, element, desk, changed) {
  const first = element.initial_option ?? null;
  const kept = desk.state.start(block.block_id, element.action_id, { type: element.type, selected_option: first }).selected_option;
  fieldCount += 1;
  const group = `radio-${fieldCount}`;
  return h("div", { class: "options", role: "radiogroup", testid: `action-${element.action_id}`, "aria-label": block.label?.text }, element.options.map((/** @type {any} */ option) =>
    optionRow("radio", option, kept?.value === option.value, group, desk, () => {
      desk.state.set(block.block_id, element.action_id, { type: element.type, selected_option: option });
      changed({ selected_option: option });
    })));
}

/**
 * @param {"checkbox" | "radio"} type @param {any} option @param {boolean} checked @param {string} name @param {Desk} desk
 * @param {(box: HTMLInputElement) => void} picked
 */
function optionRow(type, option, checked, name, desk, picked) {
  return h("label", { class: "option" },
    h("input", { type, name, checked, value: option.value, testid: `option-${option.value}`, onchange: (/** @type {Event} */ event) => picked(/** @type {HTMLInputElement} */ (event.target)) }),
    h("span", null, textObject(option.text, desk.names), option.description && h("small", null, textObject(option.description, desk.names))));
}

/** @type {Draw} */
function fileInput(block, element, desk, changed) {
  /** @type {any[]} */
  let files = desk.state.start(block.block_id, element.action_id, { type: element.type, files: [] }).files;
  const shelf = h("div", { class: "file-shelf" });
  const keep = (/** @type {any[]} */ next) => {
    files = next;
    desk.state.set(block.block_id, element.action_id, { type: element.type, files });
    draw();
    changed({ files });
  };
  const draw = () => fill(shelf, files.map((file) => h("span", { class: "chip" }, icon(ICONS.file, { size: 14 }), `${file.name} · ${fileSize(file.size ?? 0)}`,
    h("button", { type: "button", class: "chip-x", "aria-label": t("file.remove", { name: file.name }), onclick: () => keep(files.filter((one) => one !== file)) }, "×"))));
  const picker = /** @type {HTMLInputElement} */ (h("input", {
    type: "file", class: "file-picker", testid: `input-${block.block_id}`, "aria-label": block.label?.text, multiple: (element.max_files ?? 10) > 1,
    accept: element.filetypes?.map((/** @type {string} */ type) => `.${type}`).join(","),
    onchange: async () => {
      const picked = Array.from(picker.files ?? []).slice(0, (element.max_files ?? 10) - files.length);
      picker.value = "";
      for (const file of picked) keep([...files, await desk.upload(file)]);
    },
  }));
  draw();
  return h("div", { class: "file-input" }, h("label", { class: "btn btn-small" }, icon(ICONS.clip, { size: 14 }), t("file.choose"), picker), shelf);
}
