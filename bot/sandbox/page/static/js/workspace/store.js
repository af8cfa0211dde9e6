// @ts-check
/** Keeps what this person sees of the workspace, as the server tells it, and says what has changed. */

/** @typedef {any} Message */
/** @typedef {{id: string, name?: string, [key: string]: any}} Channel */

export class Store extends EventTarget {
  constructor() {
    super();
    this.me = "";
    /** @type {any} */
    this.team = {};
    /** @type {Map<string, any>} */
    this.users = new Map();
    /** @type {Map<string, Channel>} */
    this.channels = new Map();
    /** @type {Map<string, Map<string, Message>>} the main messages of a channel, by ts */
    this.messages = new Map();
    /** @type {Map<string, Map<string, Message>>} the replies, by "channel:thread_ts" and ts */
    this.replies = new Map();
    /** @type {Map<string, Message[]>} what only this person sees, by "channel:thread_ts" or "channel:" */
    this.ephemerals = new Map();
    /** @type {any[]} */
    this.views = [];
    /** @type {any} */
    this.home = null;
    /** @type {any[]} */
    this.commands = [];
    /** @type {any[]} */
    this.shortcuts = [];
    /** @type {Map<string, {count: number, mentions: number}>} */
    this.unread = new Map();
    /** @type {Set<string>} threads with something new, as "channel:thread_ts" */
    this.freshThreads = new Set();
    this.openChannel = "";
    this.openThread = "";
  }

  /** @param {any} frame */
  apply(frame) {
    const channel = frame.channel?.id ?? frame.channel;
    switch (frame.type) {
      case "snapshot": return this.#start(frame);
      case "message": return this.#keep(channel, frame.message, true);
      case "message_changed": return this.#keep(channel, frame.message, false);
      case "message_deleted": return this.#forget(channel, frame.ts);
      case "ephemeral": return this.#whisper(channel, frame.thread_ts ?? frame.message.thread_ts ?? "", frame.message);
      case "ephemeral_changed": return this.#rewhisper(channel, frame.message?.ts ?? frame.ts, frame.message);
      case "ephemeral_deleted": return this.#rewhisper(channel, frame.ts ?? frame.message?.ts, null);
      case "view_opened": return this.#showViews([...(frame.replaces ? [] : this.views), frame.view], frame.view);
      case "view_pushed": return this.#showViews([...this.views, frame.view], frame.view);
      case "view_updated": return this.#showViews(this.views.map((view) => (view.id === frame.view.id ? frame.view : view)), frame.view);
      case "view_closed": return this.#showViews(this.views.filter((view) => view.id !== (frame.view?.id ?? frame.view_id)), null);
      case "home":
        this.home = frame.view;
        return this.#tell("home");
      case "channel":
        this.channels.set(frame.channel.id, { ...this.channels.get(frame.channel.id), ...frame.channel });
        if (!this.messages.has(frame.channel.id)) this.messages.set(frame.channel.id, byTs(frame.channel.messages));
        return this.#tell("rooms");
      case "user":
        this.users.set(frame.user.id, frame.user);
        return this.#tell("users");
      default:
        return this.#tell(frame.type, frame);
    }
  }

  /** @param {any} frame */
  #start(frame) {
    if (this.me !== frame.me) this.ephemerals = new Map();
    this.me = frame.me;
    this.team = frame.team ?? {};
    this.users = new Map((frame.users ?? []).map((/** @type {any} */ user) => [user.id, user]));
    const all = [...(frame.channels ?? []), ...(frame.dms ?? [])];
    this.channels = new Map(all.map((channel) => [channel.id, channel]));
    this.messages = new Map(all.map((channel) => [channel.id, byTs((channel.messages ?? []).filter(isMain))]));
    this.replies = new Map(Object.entries(frame.threads ?? {}).map(([key, list]) =>
      [key, byTs(/** @type {any[]} */ (list).filter((message) => message.ts !== key.slice(key.indexOf(":") + 1)))]));
    this.views = frame.views ?? [];
    this.home = frame.home ?? null;
    this.commands = frame.commands ?? [];
    this.shortcuts = frame.shortcuts ?? [];
    this.#tell("snapshot");
  }

  /** @param {string} channel @param {Message} message @param {boolean} isNew */
  #keep(channel, message, isNew) {
    if (!isMain(message)) {
      const key = `${channel}:${message.thread_ts}`;
      if (!this.replies.has(key)) this.replies.set(key, new Map());
      this.replies.get(key)?.set(message.ts, message);
      if (isNew && message.user !== this.me && this.openThread !== key) this.freshThreads.add(key);
      if (isNew) this.#count(channel, message, false);
      // A reply that is also sent to the channel stands in both places.
      if (message.subtype !== "thread_broadcast") return this.#tell("thread", { key, channel, isNew, message });
    }
    if (!this.messages.has(channel)) this.messages.set(channel, new Map());
    this.messages.get(channel)?.set(message.ts, message);
    if (isNew) this.#count(channel, message, true);
    return this.#tell("message", { channel, isNew, message });
  }

  /** @param {string} channel @param {string} ts */
  #forget(channel, ts) {
    this.messages.get(channel)?.delete(ts);
    for (const [key, replies] of this.replies) if (key.startsWith(`${channel}:`)) replies.delete(ts);
    this.#tell("message", { channel, isNew: false });
    this.#tell("thread", { key: this.openThread, channel, isNew: false });
  }

  /** @param {string} channel @param {string} thread @param {Message} message */
  #whisper(channel, thread, message) {
    const key = `${channel}:${thread}`;
    this.ephemerals.set(key, [...(this.ephemerals.get(key) ?? []), message]);
    this.#tell("ephemeral", { key, channel, thread, message });
  }

  /** @param {string} channel @param {string} ts @param {Message | null} message */
  #rewhisper(channel, ts, message) {
    for (const [key, list] of this.ephemerals) {
      if (!key.startsWith(`${channel}:`)) continue;
      this.ephemerals.set(key, list.flatMap((one) => (one.ts !== ts ? [one] : message ? [{ ...one, ...message }] : [])));
    }
    this.#tell("ephemeral", { key: "", channel });
  }

  /** Hides what only this person sees, as its "dismiss" does. @param {string} channel @param {string} ts */
  dismiss(channel, ts) {
    this.#rewhisper(channel, ts, null);
  }

  /** @param {any[]} views @param {any} changed */
  #showViews(views, changed) {
    this.views = views;
    this.#tell("views", { changed });
  }

  /** @param {string} channel @param {Message} message @param {boolean} counts */
  #count(channel, message, counts) {
    if (message.user === this.me || (this.openChannel === channel && !document.hidden)) return;
    const now = this.unread.get(channel) ?? { count: 0, mentions: 0 };
    const mentioned = JSON.stringify([message.text ?? "", message.blocks ?? []]).includes(this.me) || this.channels.get(channel)?.is_im;
    this.unread.set(channel, { count: now.count + (counts ? 1 : 0), mentions: now.mentions + (mentioned ? 1 : 0) });
    this.#tell("unread");
  }

  /** @param {string} channel */
  see(channel) {
    if (this.unread.delete(channel)) this.#tell("unread");
  }

  /** @param {string} key */
  seeThread(key) {
    if (this.freshThreads.delete(key)) this.#tell("message", { channel: key.slice(0, key.indexOf(":")), isNew: false });
  }

  /** @param {string} type @param {any} [detail] */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {string} id */
  userName(id) {
    const user = this.users.get(id);
    return user?.profile?.real_name || user?.real_name || user?.profile?.display_name || user?.name || id;
  }

  /** @param {string} id */
  channelName(id) {
    const channel = this.channels.get(id);
    if (channel?.is_im) return this.userName(channel.user);
    return channel?.name ?? id;
  }

  /** @returns {any[]} people one can be */
  agents() {
    return [...this.users.values()].filter((user) => !user.is_bot && !user.deleted && user.id !== "USLACKBOT");
  }

  /** @param {string} channel @returns {Message[]} in order */
  inOrder(channel) {
    return sorted(this.messages.get(channel));
  }

  /** @param {string} key @returns {Message[]} in order */
  thread(key) {
    return sorted(this.replies.get(key));
  }
}

/** @param {Message} message */
function isMain(message) {
  return !message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast";
}

/** @param {Message[] | undefined} list @returns {Map<string, Message>} */
function byTs(list) {
  return new Map((list ?? []).map((message) => [message.ts, message]));
}

/** @param {Map<string, Message> | undefined} messages */
function sorted(messages) {
  return [...(messages?.values() ?? [])].sort((one, other) => Number(one.ts) - Number(other.ts) || (one.ts < other.ts ? -1 : 1));
}
