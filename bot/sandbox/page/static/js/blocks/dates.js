// @ts-check
/** Writes Slack's date tokens in the reader's language and time zone. */

import { currentLanguage, t } from "../words.js";

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const SHAPES = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: { hour: "numeric", minute: "2-digit" },
  time_secs: { hour: "numeric", minute: "2-digit", second: "2-digit" },
};

/**
 * Fills a format such as "{date_short_pretty} at {time}".
 * @param {number} seconds
 * @param {string} format
 */
export function slackDate(seconds, format) {
  return format.replace(/\{(\w+)\}/g, (whole, name) => {
    if (name === "ago") return ago(seconds);
    if (name.endsWith("_pretty")) return pretty(seconds) ?? shaped(seconds, name.slice(0, -7)) ?? whole;
    return shaped(seconds, name) ?? whole;
  });
}

/** @param {number} seconds @param {string} name */
function shaped(seconds, name) {
  const shape = SHAPES[name];
  return shape && new Intl.DateTimeFormat(currentLanguage(), shape).format(new Date(seconds * 1000));
}

/** @param {number} seconds */
function pretty(seconds) {
  const midnight = (/** @type {Date} */ day) => new Date(day).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(new Date(seconds * 1000)) - midnight(new Date())) / 86_400_000);
  if (days === 0) return t("day.today");
  if (days === -1) return t("day.yesterday");
  if (days === 1) return t("day.tomorrow");
  return undefined;
}

/** @param {number} seconds */
function ago(seconds) {
  const passed = Math.round(seconds - Date.now() / 1000);
  const words = new Intl.RelativeTimeFormat(currentLanguage(), { numeric: "auto" });
  if (Math.abs(passed) < 60) return words.format(passed, "second");
  if (Math.abs(passed) < 3600) return words.format(Math.round(passed / 60), "minute");
  if (Math.abs(passed) < 86_400) return words.format(Math.round(passed / 3600), "hour");
  return words.format(Math.round(passed / 86_400), "day");
}
