// What the form does better with JavaScript: one press sends once, and an embedding page learns how tall the form is.
"use strict";
document.querySelector("form")?.addEventListener("submit", (event) => {
  const button = event.target.querySelector("button[type=submit]");
  const label = button.textContent;
  // Disabled only after the browser has gathered the fields; enabled again when the page comes back from the cache.
  setTimeout(() => { button.disabled = true; button.textContent = button.dataset.sending; }, 0);
  addEventListener("pageshow", () => { button.disabled = false; button.textContent = label; }, { once: true });
});
if (parent !== window) {
  const tell = () => parent.postMessage({ madoguchi: "height", height: document.documentElement.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.documentElement);
  parent.postMessage({ madoguchi: "shown" }, "*");
}
