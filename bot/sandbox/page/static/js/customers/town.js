// @ts-check
/** Keeps what the customers' side looks like, as the server tells it, and asks the server for what customers do. */

import { ask, listen } from "../link.js";

/** @typedef {{key: string, name: string, address: string, language: string, line_user_id: string}} Person */

export class Town extends EventTarget {
  constructor() {
    super();
    /** @type {Person[]} */
    this.people = [];
    /** @type {Map<string, any>} */
    this.letters = new Map();
    this.address = "";
    /** @type {Map<string, any>} */
    this.bubbles = new Map();
    /** @type {any} */
    this.line = {};
    /** @type {any[]} */
    this.samples = [];
    this.parading = false;
    /** @type {any[]} */
    this.rules = [];
    /** @type {Map<string, number>} until when the account is shown as writing, by person */
    this.writing = new Map();
    /** @type {Map<string, number>} what has arrived and was not looked at, by "mail:person" or "line:person" */
    this.fresh = new Map();
    this.connected = false;
    listen("/customers/ws", (frame) => this.#apply(frame), (connected) => {
      this.connected = connected;
      this.#tell("connection");
    });
  }

  /** @param {any} frame */
  #apply(frame) {
    switch (frame.type) {
      case "snapshot":
        this.people = frame.people;
        this.address = frame.mailbox.address;
        this.letters = new Map(frame.mailbox.letters.map((/** @type {any} */ letter) => [letter.id, letter]));
        this.bubbles = new Map(frame.line.bubbles.map((/** @type {any} */ bubble) => [bubble.id, bubble]));
        this.line = frame.line;
        this.samples = frame.samples;
        this.parading = frame.parading;
        this.rules = frame.rules;
        return this.#tell("snapshot");
      case "letter": return this.#keep("mail", this.letters, frame.letter, "letter");
      case "bubble":
        if (frame.bubble.direction === "received") this.writing.delete(frame.bubble.person);
        return this.#keep("line", this.bubbles, frame.bubble, "bubble");
      case "line":
        this.line = frame.line;
        return this.#tell("line");
      case "loading":
        this.writing.set(frame.person, Date.now() + frame.seconds * 1000);
        setTimeout(() => this.#tell("line"), frame.seconds * 1000 + 50);
        return this.#tell("line");
      case "parade":
        this.parading = frame.running;
        return this.#tell("samples");
      case "rules":
        this.rules = frame.rules;
        return this.#tell("rules");
      default: return undefined;
    }
  }

  /** @param {"mail" | "line"} medium @param {Map<string, any>} kept @param {any} one @param {string} type */
  #keep(medium, kept, one, type) {
    const isNew = !kept.has(one.id);
    kept.set(one.id, one);
    if (isNew && one.direction === "received") {
      const key = `${medium}:${one.person}`;
      this.fresh.set(key, (this.fresh.get(key) ?? 0) + 1);
    }
    this.#tell(type, { one, isNew });
  }

  /** @param {"mail" | "line"} medium @param {string} person */
  see(medium, person) {
    if (this.fresh.delete(`${medium}:${person}`)) this.#tell("seen");
  }

  /** @param {"mail" | "line"} medium */
  freshIn(medium) {
    return [...this.fresh].reduce((sum, [key, count]) => sum + (key.startsWith(`${medium}:`) ? count : 0), 0);
  }

  /** @param {string} type @param {any} [detail] */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {string} key @returns {Person | undefined} */
  person(key) {
    return this.people.find((person) => person.key === key);
  }

  /** @param {any} mail */
  write(mail) {
    return ask("/customers/mail", mail);
  }

  /** @param {any} tapped */
  tap(tapped) {
    return ask("/customers/line", tapped);
  }

  /** @param {any} wanted */
  play(wanted) {
    return ask("/customers/sample", wanted);
  }

  /** @param {string} door @param {string} mode @param {number} times */
  async stumble(door, mode, times) {
    return ask("/customers/rules", { door, mode, times });
  }
}

/** A picked file in the shape the server takes. @param {File} file @returns {Promise<{name: string, type: string, base64: string}>} */
export async function fileForServer(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { name: file.name, type: /^[\w.+-]+\/[\w.+-]+$/.test(file.type) ? file.type : "application/octet-stream", base64: btoa(binary) };
}
