// @ts-check
/** Draws the main pane, a room or the app's home, and the thread beside it. */

import { drawBlocks } from "../blocks/blocks.js";
import { FormState } from "../blocks/form_state.js";
import { plainText } from "../blocks/text.js";
import { fill, h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { t } from "../words.js";
import { avatar, mark } from "./avatar.js";
import { composer } from "./composer.js";
import { MessageList } from "./message_list.js";

/** @typedef {import("./workspace.js").Workspace} Workspace */

export class RoomPane {
  /** @param {Workspace} space */
  constructor(space) {
    this.space = space;
    this.head = h("header", { class: "pane-head" });
    this.foot = h("footer", { class: "pane-foot" });
    this.messages = new MessageList(space, { testid: "messages" });
    this.node = h("main", { class: "pane room-pane", "aria-label": t("room.label") }, this.head, this.messages.node, this.foot);
    this.place = "";
  }

  draw() {
    const { store } = this.space;
    const channel = store.channels.get(store.openChannel);
    if (!channel || this.space.showsHome) {
      this.messages.clear();
      return;
    }
    const place = `${store.me}:${channel.id}:${document.documentElement.lang}:${this.space.namesVersion}`;
    if (place !== this.place) {
      this.place = place;
      const name = this.space.placeName(channel.id);
      fill(this.head,
        h("h1", null, channel.is_im ? null : icon(channel.is_private ? ICONS.lock : ICONS.hash), channel.is_im ? store.channelName(channel.id) : channel.name),
        h("span", { class: "topic" }, plainText(channel.topic?.value || channel.purpose?.value || "")),
        channel.num_members ? h("span", { class: "members" }, icon(ICONS.people, { size: 16 }), channel.num_members) : null);
      fill(this.foot, composer(this.space, channel.id));
      this.welcome = h("div", { class: "welcome" }, channel.is_im ? avatar(name, { size: "large" }) : mark(44), h("h2", null, channel.is_im ? name : `#${channel.name}`),
        h("p", null, channel.is_im ? t("room.start_dm", { name }) : t("room.start", { name: `#${channel.name}` })));
    }
    this.messages.show(channel.id, "", store.inOrder(channel.id), store.ephemerals.get(`${channel.id}:`) ?? [], this.welcome ? [this.welcome] : []);
  }
}

export class ThreadPane {
  /** @param {Workspace} space */
  constructor(space) {
    this.space = space;
    this.head = h("header", { class: "pane-head" });
    this.foot = h("footer", { class: "pane-foot" });
    this.messages = new MessageList(space, { inThread: true, testid: "thread-messages" });
    this.node = h("aside", { class: "pane thread-pane", testid: "thread", "aria-label": t("thread.title"), hidden: true }, this.head, this.messages.node, this.foot);
    this.place = "";
  }

  draw() {
    const { store } = this.space;
    const key = store.openThread;
    this.node.hidden = !key;
    if (!key) {
      this.place = "";
      this.messages.clear();
      return;
    }
    const [channel, ts] = [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)];
    const place = `${store.me}:${key}:${document.documentElement.lang}`;
    if (place !== this.place) {
      this.place = place;
      fill(this.head, h("h1", null, t("thread.title")), h("span", { class: "topic" }, this.space.placeName(channel)),
        h("button", { type: "button", class: "icon-button", "aria-label": t("close"), title: t("close"), testid: "thread-close", onclick: () => this.space.closeThread() }, icon(ICONS.close)));
      fill(this.foot, composer(this.space, channel, ts));
    }
    const parent = store.messages.get(channel)?.get(ts);
    const replies = store.thread(key);
    this.messages.show(channel, ts, parent ? [parent, ...replies] : replies, store.ephemerals.get(key) ?? []);
  }
}

export class HomePane {
  /** @param {Workspace} space */
  constructor(space) {
    this.space = space;
    this.head = h("header", { class: "pane-head" });
    this.body = h("div", { class: "home-body" });
    this.node = h("main", { class: "pane home-pane", testid: "home" }, this.head, this.body);
    this.state = new FormState();
  }

  draw() {
    if (!this.space.showsHome) {
      fill(this.body);
      return;
    }
    const view = this.space.store.home;
    fill(this.head, h("h1", null, mark(22), this.space.appName()), h("span", { class: "topic" }, t("home.title")));
    const blocks = view?.blocks ?? [];
    this.state.prune(blocks);
    const container = /** @type {const} */ ({ type: "home" });
    fill(this.body, blocks.length ? drawBlocks(blocks, this.space.desk("home", container, this.state)) : h("div", { class: "empty" }, mark(56), h("p", null, t("home.empty"))));
  }
}
