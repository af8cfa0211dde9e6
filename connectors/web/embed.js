// Puts the contact form into a page: <script src="https://…/form/ACCOUNT/embed.js" data-lang="en" async></script>
(() => {
  "use strict";
  const script = document.currentScript;
  const home = new URL(script.src);
  const form = new URL(home.pathname.replace(/\/embed\.js$/, ""), home.origin);
  form.searchParams.set("embed", "1");
  if (script.dataset.lang) form.searchParams.set("lang", script.dataset.lang);
  const frame = document.createElement("iframe");
  frame.src = form.href;
  frame.title = script.dataset.title || "Contact form";
  frame.style.cssText = "width:100%;border:0;min-height:36rem;color-scheme:normal";
  let shown = 0;
  addEventListener("message", (event) => {
    if (event.origin !== home.origin || event.source !== frame.contentWindow || !event.data) return;
    if (event.data.madoguchi === "height") {
      frame.style.minHeight = "0";
      frame.style.height = Math.ceil(event.data.height) + "px";
    }
    // After sending, the thanks stand at the top of the frame: bring them into view.
    if (event.data.madoguchi === "shown" && shown++ > 0) frame.scrollIntoView({ block: "nearest" });
  });
  script.after(frame);
})();
