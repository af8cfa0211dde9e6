// @ts-check
/** Does what a person does in the workspace: post, react, press, submit. */

import { ask, errorText, listen } from "../link.js";
import { toast } from "../toast.js";

/** @typedef {{type: "message", channel: string, ts: string, ephemeral?: boolean, thread_ts?: string} | {type: "view", view_id: string} | {type: "home"}} Container */

export class Client {
  /** @param {import("./store.js").Store} store @param {string} user @param {(connected: boolean) => void} changed */
  constructor(store, user, changed) {
    this.store = store;
    this.user = user;
    this.leave = listen(`/client/ws?user=${encodeURIComponent(user)}`, (frame) => store.apply(frame), changed);
  }

  /** @param {string} path @param {any} body */
  async #ask(path, body) {
    const answer = await ask(`/client/${path}`, { user: this.user, ...body }, { quiet: true });
    // What went wrong inside the app comes over the socket as a notice in words; a bare code is told to nobody else.
    if (!answer.ok && /^\w+$/.test(answer.error ?? "failed")) toast(errorText(answer.error ?? "failed"), { level: "error" });
    return answer;
  }

  /** @param {string} channel @param {string} text @param {string} [thread] */
  post(channel, text, thread) {
    return this.#ask("post", { channel, text, thread_ts: thread || undefined });
  }

  /** @param {string} channel @param {string} ts @param {string} text */
  edit(channel, ts, text) {
    return this.#ask("edit", { channel, ts, text });
  }

  /** @param {string} channel @param {string} ts */
  remove(channel, ts) {
    return this.#ask("delete", { channel, ts });
  }

  /** @param {string} channel @param {string} ts @param {string} name */
  react(channel, ts, name) {
    return this.#ask("react", { channel, ts, name });
  }

  /** @param {File} file @param {string} [channel] @param {string} [thread] */
  upload(file, channel, thread) {
    const form = new FormData();
    form.set("user", this.user);
    if (channel) form.set("channel", channel);
    if (thread) form.set("thread_ts", thread);
    form.set("file", file, file.name);
    return ask("/client/upload", form);
  }

  /** @param {Container} container @param {any} action @param {any} state */
  act(container, action, state) {
    return this.#ask("action", { container, action, state });
  }

  /** @param {Container} container @param {string} block @param {string} action @param {string} value */
  suggest(container, block, action, value) {
    const where = container.type === "view" ? { view_id: container.view_id } : { container };
    return this.#ask("suggest", { ...where, block_id: block, action_id: action, value });
  }

  /** @param {string} view @param {any} state */
  submit(view, state) {
    return this.#ask("submit", { view_id: view, state });
  }

  /** @param {string} view */
  close(view) {
    return this.#ask("close", { view_id: view });
  }

  /** @param {any} shortcut @param {string} [channel] @param {string} [ts] */
  shortcut(shortcut, channel, ts) {
    return this.#ask("shortcut", { type: shortcut.type, callback_id: shortcut.callback_id, channel, ts });
  }

  /** @param {string} channel @param {string} command @param {string} text */
  command(channel, command, text) {
    return this.#ask("command", { channel, command, text });
  }

  home() {
    return this.#ask("home", {});
  }
}
