// @ts-check
/** Puts the page together: the team's workspace on one side of the counter, the customers on the other. */

import { Dock } from "./customers/dock.js";
import { Town } from "./customers/town.js";
import { h } from "./dom.js";
import { Guide } from "./guide.js";
import { applyTheme } from "./settings.js";
import { loadWords } from "./words.js";
import { Workspace } from "./workspace/workspace.js";

async function begin() {
  applyTheme();
  const [config] = await Promise.all([fetch("/sandbox/config.json").then((answer) => answer.json()), loadWords()]);
  const town = new Town();
  const dock = new Dock(town, config);
  const space = new Workspace({
    hasHome: Boolean(config.has_home),
    firstUser: new URLSearchParams(location.search).get("user") ?? config.first_user ?? "",
    firstRoom: config.first_room ?? "",
    toggleDock: () => dock.toggle(),
    openGuide: () => guide.open(),
    languageChanged: () => {
      space.namesVersion += 1;
      space.drawAll();
      dock.draw();
      guide.draw();
    },
  });
  const guide = new Guide(space, town, dock);
  const middle = h("div", { class: "middle" }, guide.node, space.node);
  document.getElementById("page")?.replaceChildren(space.sidebar.node, middle, dock.node);
}

begin();
