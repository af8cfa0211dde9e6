// @ts-check
/** Says everything this page says in the reader's language, from the catalogues in words/. */

import { remember, remembered } from "./settings.js";

/** @type {Record<string, Record<string, string>>} */
const catalogues = {};

export const LANGUAGES = ["en", "ja"];
let language = "en";

export function currentLanguage() {
  return language;
}

/** Reads the catalogues and takes the remembered language, or else the browser's. */
export async function loadWords() {
  await Promise.all(LANGUAGES.map(async (code) => {
    const answer = await fetch(new URL(`../words/${code}.json`, import.meta.url));
    catalogues[code] = await answer.json();
  }));
  const wanted = new URLSearchParams(location.search).get("lang")
    ?? remembered("language", navigator.language.startsWith("ja") ? "ja" : "en");
  chooseLanguage(LANGUAGES.includes(wanted) ? wanted : "en");
}

/** @param {string} code */
export function chooseLanguage(code) {
  language = code;
  document.documentElement.lang = code;
  remember("language", code);
}

/**
 * The text of that key with its blanks filled.
 * @param {string} key
 * @param {Record<string, string | number>} [blanks]
 */
export function t(key, blanks) {
  const text = catalogues[language]?.[key] ?? catalogues.en?.[key] ?? key;
  if (!blanks) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(blanks[name] ?? whole));
}

/** @param {number} seconds */
export function clockTime(seconds) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(new Date(seconds * 1000));
}

/** @param {number} seconds */
export function fullTime(seconds) {
  return new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "medium" }).format(new Date(seconds * 1000));
}

/** Today, yesterday, or the date. @param {number} seconds */
export function dayName(seconds) {
  const day = new Date(seconds * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return t("day.today");
  if (days === 1) return t("day.yesterday");
  return new Intl.DateTimeFormat(language, { weekday: "long", month: "long", day: "numeric" }).format(day);
}

/** @param {number} bytes */
export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
