// @ts-check
/** Is the team's workspace on the page: holds its parts together and keeps them in step with the store. */

import { h, onceAFrame } from "../dom.js";
import { toast } from "../toast.js";
import { t } from "../words.js";
import { Client } from "./client.js";
import { Modal } from "./modal.js";
import { HomePane, RoomPane, ThreadPane } from "./panes.js";
import { Sidebar } from "./sidebar.js";
import { Store } from "./store.js";

/** @typedef {import("../blocks/desk.js").Desk} Desk */

export class Workspace extends EventTarget {
  /** @param {{openGuide: () => void, toggleDock: () => void, languageChanged: () => void, firstUser: string, firstRoom: string, hasHome: boolean}} page */
  constructor(page) {
    super();
    this.openGuide = page.openGuide;
    this.toggleDock = page.toggleDock;
    this.languageChanged = page.languageChanged;
    this.hasHome = page.hasHome;
    this.firstRoom = page.firstRoom;
    this.store = new Store();
    this.namesVersion = 0;
    this.showsHome = false;
    this.sidebar = new Sidebar(this);
    this.room = new RoomPane(this);
    this.thread = new ThreadPane(this);
    this.home = new HomePane(this);
    this.modal = new Modal(this);
    this.offline = h("div", { class: "offline", hidden: true, role: "status" }, t("connection.lost"));
    this.node = h("div", { class: "workspace" }, this.offline, this.room.node, this.home.node, this.thread.node);
    this.#follow();
    this.client = this.#connect(sessionStorage.getItem("madoguchi.me") ?? page.firstUser);
  }

  /** @param {string} user */
  #connect(user) {
    return new Client(this.store, user, (connected) => { this.offline.hidden = connected; });
  }

  #follow() {
    const drawSidebar = onceAFrame(() => this.sidebar.draw());
    const drawRoom = onceAFrame(() => this.room.draw());
    const drawThread = onceAFrame(() => this.thread.draw());
    const on = (/** @type {string} */ type, /** @type {(detail: any) => void} */ act) => this.store.addEventListener(type, (event) => act(/** @type {CustomEvent} */ (event).detail));
    on("snapshot", () => this.#arrive());
    on("message", ({ channel }) => {
      if (channel === this.store.openChannel) drawRoom();
      if (this.store.openThread.startsWith(`${channel}:`)) drawThread();
      this.dispatchEvent(new Event("message"));
    });
    on("thread", ({ key, channel }) => {
      if (key === this.store.openThread) drawThread();
      if (channel === this.store.openChannel) drawRoom();
    });
    on("ephemeral", (detail) => {
      drawRoom();
      drawThread();
      if (detail.message) this.#pointAtWhisper(detail);
    });
    on("unread", drawSidebar);
    on("rooms", () => { drawSidebar(); drawRoom(); });
    on("users", () => { this.namesVersion += 1; this.drawAll(); });
    on("views", () => this.modal.draw());
    on("home", () => this.home.draw());
    on("notice", (frame) => toast(frame.text, { level: frame.level === "error" ? "error" : "calm" }));
    addEventListener("focus", () => this.store.see(this.store.openChannel));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.store.see(this.store.openChannel); });
  }

  #arrive() {
    const [channel, thread] = location.hash.replace(/^#\/?/, "").split("/");
    const rooms = [...this.store.channels.values()].filter((one) => !one.is_im && !one.is_archived).map((one) => one.id);
    const newest = (/** @type {string} */ id) => Number(this.store.inOrder(id).at(-1)?.ts ?? 0);
    const quiet = rooms.every((id) => !newest(id)) ? this.firstRoom : "";
    const known = [this.store.openChannel, channel, quiet, ...rooms.sort((one, other) => newest(other) - newest(one))].find((id) => this.store.channels.has(id));
    if (known && known === channel && thread && !this.store.openThread) this.store.openThread = `${channel}:${thread}`;
    this.store.openChannel = known ?? "";
    this.namesVersion += 1;
    this.drawAll();
    if (this.showsHome) this.client.home();
    this.dispatchEvent(new Event("arrived"));
  }

  /** An answer that only this person sees may land in a thread that is not open: then it is pointed at. @param {any} detail */
  #pointAtWhisper({ key, channel, thread }) {
    if (!thread || key === this.store.openThread) return;
    toast(t("message.only_you_in_thread"), { button: { label: t("thread.open"), press: () => this.openThread(channel, thread) } });
  }

  drawAll() {
    this.room.node.hidden = this.showsHome;
    this.home.node.hidden = !this.showsHome;
    this.sidebar.draw();
    this.room.draw();
    this.thread.draw();
    this.home.draw();
    this.modal.draw();
  }

  /** @param {string} user */
  be(user) {
    if (user === this.store.me) return;
    sessionStorage.setItem("madoguchi.me", user);
    this.client.leave();
    this.store.unread.clear();
    this.store.freshThreads.clear();
    this.client = this.#connect(user);
  }

  /** @param {string} channel */
  openRoom(channel) {
    if (channel !== this.store.openChannel) this.store.openThread = "";
    this.showsHome = false;
    this.store.openChannel = channel;
    this.store.see(channel);
    this.#remember();
    this.drawAll();
  }

  openHome() {
    this.showsHome = true;
    this.store.openThread = "";
    this.drawAll();
    this.client.home();
  }

  /** @param {string} channel @param {string} ts */
  openThread(channel, ts) {
    if (channel !== this.store.openChannel) this.openRoom(channel);
    this.store.openThread = `${channel}:${ts}`;
    this.store.seeThread(this.store.openThread);
    this.#remember();
    this.thread.draw();
    /** @type {HTMLElement | null} */ (this.thread.node.querySelector("textarea"))?.focus();
  }

  closeThread() {
    this.store.openThread = "";
    this.#remember();
    this.thread.draw();
  }

  #remember() {
    history.replaceState(null, "", `#/${(this.store.openThread || this.store.openChannel).replace(":", "/")}`);
  }

  appName() {
    return [...this.store.users.values()].find((user) => user.is_bot && user.id !== "USLACKBOT")?.real_name || "Madoguchi";
  }

  /** @param {string} channel */
  placeName(channel) {
    return this.store.channels.get(channel)?.is_im ? this.store.channelName(channel) : `#${this.store.channelName(channel)}`;
  }

  /**
   * What blocks need in order to be drawn and pressed.
   * @param {"message" | "view" | "home"} surface @param {import("./client.js").Container} container
   * @param {import("../blocks/form_state.js").FormState} state @returns {Desk}
   */
  desk(surface, container, state) {
    const { store } = this;
    return {
      surface,
      state,
      names: { me: store.me, userName: (id) => store.userName(id), channelName: (id) => store.channelName(id), openChannel: (id) => { if (store.channels.has(id)) this.openRoom(id); } },
      act: async (block, element, fields) => {
        const action = { block_id: block.block_id, action_id: element.action_id, type: element.type, ...(element.text ? { text: element.text } : {}), ...fields };
        this.dispatchEvent(new CustomEvent("acted", { detail: action }));
        return (await this.client.act(container, action, state.toJSON())).ok;
      },
      suggest: async (block, element, query) => {
        const { options = [] } = await this.client.suggest(container, block.block_id, element.action_id, query);
        // The list holds options or groups of options.
        return options.some((/** @type {any} */ one) => one.options) ? options : [{ options }];
      },
      upload: async (file) => (await this.client.upload(file)).file ?? { name: file.name, size: file.size },
      people: () => store.agents().map((user) => ({ id: user.id, name: store.userName(user.id) })),
      rooms: () => [...store.channels.values()].filter((channel) => !channel.is_im).map((channel) => ({ id: channel.id, name: channel.name ?? channel.id })),
    };
  }
}
