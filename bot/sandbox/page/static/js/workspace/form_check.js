// @ts-check
/** Checks a form as Slack's client does before an app hears of it: what must be filled in, and how long it may be. */

import { t } from "../words.js";

/**
 * @param {any[]} blocks @param {import("../blocks/form_state.js").FormState} state
 * @returns {Record<string, string>} what is wrong, by block
 */
export function problems(blocks, state) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const block of blocks) {
    if (block.type !== "input" || !block.element?.action_id) continue;
    const text = problem(block, state.get(block.block_id, block.element.action_id) ?? {});
    if (text) found[block.block_id] = text;
  }
  return found;
}

/** @param {any} block @param {any} kept */
function problem(block, kept) {
  const element = block.element;
  const value = Object.entries(kept).find(([name]) => name !== "type")?.[1];
  const isEmpty = value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
  if (isEmpty) return block.optional ? "" : t("form.required");
  if (typeof value !== "string") return "";
  if (element.max_length && value.length > element.max_length) return t("form.too_long", { n: element.max_length });
  if (element.min_length && value.length < element.min_length) return t("form.too_short", { n: element.min_length });
  if (element.type === "email_text_input" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return t("form.email");
  if (element.type === "url_text_input" && !URL.canParse(value)) return t("form.url");
  if (element.type === "number_input") return numberProblem(element, value);
  return "";
}

/** @param {any} element @param {string} value */
function numberProblem(element, value) {
  const number = Number(value);
  if (!Number.isFinite(number) || (!element.is_decimal_allowed && !Number.isInteger(number))) return t("form.number");
  if (element.min_value !== undefined && number < Number(element.min_value)) return t("form.at_least", { n: element.min_value });
  if (element.max_value !== undefined && number > Number(element.max_value)) return t("form.at_most", { n: element.max_value });
  return "";
}
