// @ts-check
/** Draws the left side: the workspace, who one is, the rooms with what is new in them, people, and the app. */

import { fill, h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { openMenu } from "../popover.js";
import { toggleTheme } from "../settings.js";
import { chooseLanguage, currentLanguage, t } from "../words.js";
import { avatar, mark } from "./avatar.js";

/** @typedef {import("./workspace.js").Workspace} Workspace */

export class Sidebar {
  /** @param {Workspace} space */
  constructor(space) {
    this.space = space;
    this.node = h("nav", { class: "sidebar", "aria-label": t("sidebar.label") });
  }

  draw() {
    const { store } = this.space;
    const all = [...store.channels.values()].filter((channel) => !channel.is_archived);
    const rooms = all.filter((channel) => !channel.is_im && !channel.is_mpim).sort((one, other) => (one.name ?? "").localeCompare(other.name ?? ""));
    const people = all.filter((channel) => channel.is_im || channel.is_mpim);
    fill(this.node,
      h("div", { class: "brand" }, mark(34), h("div", { class: "brand-name" }, h("strong", null, store.team.name ?? "Madoguchi"), h("span", null, t("brand.motto")))),
      this.#me(),
      h("div", { class: "sidebar-scroll" },
        this.space.hasHome && h("button", { type: "button", class: this.space.showsHome ? "room open" : "room", testid: "home-link", onclick: () => this.space.openHome() }, icon(ICONS.home), h("span", { class: "room-name" }, t("home.link"))),
        h("h2", null, t("sidebar.rooms")), rooms.map((channel) => this.#room(channel)),
        people.length > 0 && [h("h2", null, t("sidebar.people")), people.map((channel) => this.#room(channel))]),
      h("div", { class: "sidebar-foot" },
        h("button", { type: "button", class: "foot-button", testid: "language", title: t("language.switch"), "aria-label": t("language.switch"), onclick: () => { chooseLanguage(currentLanguage() === "ja" ? "en" : "ja"); this.space.languageChanged(); } },
          icon(ICONS.globe), h("span", null, currentLanguage() === "ja" ? "English" : "日本語")),
        h("button", { type: "button", class: "foot-button", testid: "theme", title: t("theme.switch"), "aria-label": t("theme.switch"), onclick: () => { toggleTheme(); this.draw(); } },
          icon(document.documentElement.dataset.theme === "dark" ? ICONS.sun : ICONS.moon)),
        h("button", { type: "button", class: "foot-button", testid: "guide-open", title: t("guide.open"), "aria-label": t("guide.open"), onclick: () => this.space.openGuide() }, icon(ICONS.help)),
        h("button", { type: "button", class: "foot-button", testid: "dock-toggle", title: t("dock.toggle"), "aria-label": t("dock.toggle"), onclick: () => this.space.toggleDock() }, icon(ICONS.panel))));
  }

  #me() {
    const { store } = this.space;
    const name = store.userName(store.me);
    const node = h("button", {
      type: "button", class: "me", testid: "me", "aria-haspopup": "menu", title: t("me.switch"),
      onclick: () => openMenu(node, store.agents().map((user) => ({
        label: store.userName(user.id), hint: user.profile?.title || (user.is_stranger ? t("me.stranger") : user.is_admin ? t("me.admin") : user.is_restricted ? t("me.guest") : ""), checked: user.id === store.me,
        testid: `be-${user.id}`, lead: avatar(store.userName(user.id), { seed: user.id, size: "small" }), pick: () => this.space.be(user.id),
      })), { kind: "menu" }),
    }, avatar(name, { seed: store.me, size: "small" }), h("span", { class: "me-name" }, h("small", null, t("me.working_as")), h("strong", null, name)), icon(ICONS.down, { size: 14 }));
    return node;
  }

  /** @param {any} channel */
  #room(channel) {
    const { store } = this.space;
    const unread = store.unread.get(channel.id);
    const isOpen = !this.space.showsHome && store.openChannel === channel.id;
    const user = channel.is_im ? store.users.get(channel.user) : null;
    const name = store.channelName(channel.id);
    const lead = user ? (user.is_bot ? mark(18) : avatar(name, { seed: user.id, size: "small" })) : icon(channel.is_private ? ICONS.lock : ICONS.hash, { size: 16 });
    return h("button", {
      type: "button", class: ["room", isOpen && "open", unread && "unread"].filter(Boolean).join(" "), testid: channel.is_im ? `dm-${user?.name ?? channel.id}` : `room-${channel.name}`,
      "aria-current": isOpen ? "page" : undefined, title: name, onclick: () => this.space.openRoom(channel.id),
    }, lead, h("span", { class: "room-name" }, name),
    unread && (unread.mentions || unread.count) > 0 && h("span", { class: unread.mentions ? "badge badge-mention" : "badge", testid: `unread-${channel.name ?? channel.id}` }, unread.mentions || unread.count));
  }
}
