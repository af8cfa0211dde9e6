// @ts-check
/** Remembers how this person likes the page: language, theme, sizes, what was dismissed. */

/** @param {string} name @param {string} fallback */
export function remembered(name, fallback) {
  try {
    return localStorage.getItem(`madoguchi.${name}`) ?? fallback;
  } catch {
    return fallback; // Storage may be forbidden by the browser's settings; the page then starts afresh each time.
  }
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  try {
    localStorage.setItem(`madoguchi.${name}`, value);
  } catch {
    // Nothing is lost but the memory of a preference.
  }
}

/** Puts the chosen theme on the page; "auto" follows the system. */
export function applyTheme() {
  const chosen = remembered("theme", "auto");
  const dark = chosen === "dark" || (chosen === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export function toggleTheme() {
  remember("theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  applyTheme();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
