// @ts-check
/** Is the customers' mail program: their threads, the letters in them, and writing. */

import { fill, h, icon } from "../dom.js";
import { ICONS } from "../icons.js";
import { clockTime, dayName, fileSize, t } from "../words.js";
import { mark, avatar } from "../workspace/avatar.js";
import { peopleRow } from "./people_row.js";
import { fileForServer } from "./town.js";

/** @typedef {import("./town.js").Town} Town */

export class MailboxTab {
  /** @param {Town} town */
  constructor(town) {
    this.town = town;
    this.person = "";
    this.thread = "";
    this.writes = false;
    /** @type {Record<string, {subject?: string, text: string, file?: File}>} half-written mails, by person and thread */
    this.drafts = {};
    this.node = h("section", { class: "tab mailbox" });
  }

  draw() {
    const { town } = this;
    if (!town.people.length) return;
    // At first one looks at whoever wrote or was written to last.
    this.person ||= [...town.letters.values()].findLast((letter) => letter.person)?.person ?? town.people[0].key;
    const person = town.person(this.person);
    if (!person) return;
    const focused = /** @type {any} */ (document.activeElement);
    const kept = focused && this.node.contains(focused) ? [focused.dataset?.testid, focused.selectionStart, focused.selectionEnd] : null;
    const letters = [...town.letters.values()].filter((letter) => letter.person === this.person);
    const threads = Map.groupBy(letters, (letter) => letter.thread);
    if (this.thread && !threads.has(this.thread)) this.thread = "";
    const shown = this.thread ? this.#letters(threads.get(this.thread) ?? []) : this.writes || !threads.size ? this.#writing() : this.#threads(threads);
    fill(this.node,
      peopleRow(town, "mail", this.person, (key) => { this.person = key; this.thread = ""; this.writes = false; this.draw(); }),
      h("div", { class: "mail-head" },
        this.thread || (this.writes && threads.size) ? h("button", { type: "button", class: "icon-button", "aria-label": t("back"), testid: "mail-back", onclick: () => { this.thread = ""; this.writes = false; this.draw(); } }, icon(ICONS.back)) : null,
        h("div", { class: "mail-who" }, h("strong", null, person.name), h("small", null, person.address)),
        h("button", { type: "button", class: "btn btn-small btn-primary", testid: "mail-new", onclick: () => { this.thread = ""; this.writes = true; this.draw(); } }, icon(ICONS.pencil, { size: 14 }), t("mail.new"))),
      shown);
    if (kept?.[0]) {
      const again = /** @type {any} */ (this.node.querySelector(`[data-testid="${CSS.escape(kept[0])}"]`));
      again?.focus();
      if (again?.setSelectionRange && kept[1] !== null && kept[1] !== undefined) again.setSelectionRange(kept[1], kept[2]);
    }
    if (this.node.isConnected && !this.node.hidden) town.see("mail", this.person);
    const scroll = this.node.querySelector(".letters");
    if (scroll) scroll.scrollTop = scroll.scrollHeight;
  }

  /** @param {Map<string, any[]>} threads */
  #threads(threads) {
    const rows = [...threads].map(([thread, letters]) => ({ thread, letters, last: letters[letters.length - 1] })).sort((one, other) => other.last.at - one.last.at);
    return h("div", { class: "thread-rows" }, rows.map(({ thread, letters, last }) => h("button", {
      type: "button", class: last.direction === "received" ? "thread-row fresh" : "thread-row", testid: `mail-thread-${thread}`, onclick: () => { this.thread = thread; this.draw(); },
    },
    h("span", { class: "thread-row-top" }, h("strong", null, letters[0].subject || t("mail.no_subject")), h("time", null, clockTime(last.at))),
    h("span", { class: "thread-row-text" }, last.direction === "received" ? icon(ICONS.reply, { size: 14 }) : null, firstLine(last.text)),
    letters.length > 1 ? h("span", { class: "badge" }, letters.length) : null)));
  }

  /** @param {any[]} letters */
  #letters(letters) {
    const last = letters[letters.length - 1];
    const draft = this.#draft();
    const field = this.#textField("mail-reply-text", draft, 3, t("mail.reply_placeholder"));
    const answer = async () => {
      if (!draft.text.trim()) return field.focus();
      const attachment = draft.file && await fileForServer(draft.file);
      const sent = await this.town.write({ person: this.person, text: draft.text, in_reply_to: last.message_id, attachment });
      if (sent.ok) this.#forget();
      this.draw();
    };
    return h("div", { class: "conversation" },
      h("h3", { class: "mail-subject" }, letters[0].subject || t("mail.no_subject")),
      h("div", { class: "letters" }, letters.map((letter) => this.#letter(letter))),
      h("div", { class: "reply-box" }, field, h("div", { class: "reply-tools" }, this.#filePicker(draft),
        h("button", { type: "button", class: "btn btn-small btn-primary", testid: "mail-reply-send", onclick: answer }, icon(ICONS.reply, { size: 14 }), t("mail.reply")))));
  }

  /** @param {any} letter */
  #letter(letter) {
    const { words, quoted } = splitQuote(letter.text);
    const isOurs = letter.direction === "received";
    return h("article", { class: isOurs ? "letter received" : "letter", testid: `letter-${letter.id}` },
      h("header", null, isOurs ? h("span", { class: "avatar avatar-small avatar-app" }, mark(22)) : avatar(letter.from_name, { seed: letter.person, size: "small" }),
        h("span", { class: "letter-from" }, h("strong", null, letter.from_name || letter.from), h("small", null, isOurs ? letter.from : t("mail.to", { address: letter.to }))),
        h("time", { title: letter.message_id }, `${dayName(letter.at)} ${clockTime(letter.at)}`)),
      isOurs && letter.subject ? h("div", { class: "letter-subject" }, letter.subject) : null,
      h("div", { class: "letter-text" }, words),
      quoted && h("details", null, h("summary", null, t("mail.quoted")), h("div", { class: "letter-text quoted" }, quoted)),
      letter.attachments.length > 0 && h("div", { class: "files" }, letter.attachments.map(attachment)),
      h("footer", null, letter.automatic ? h("span", { class: "chip" }, t("mail.automatic")) : null, !isOurs && standing(letter)));
  }

  #writing() {
    const draft = this.#draft();
    const subject = /** @type {HTMLInputElement} */ (h("input", { class: "field", testid: "mail-subject", placeholder: t("mail.subject"), "aria-label": t("mail.subject"), maxlength: 300, value: draft.subject ?? "", oninput: () => { draft.subject = subject.value; } }));
    const field = this.#textField("mail-text", draft, 9, t("mail.text"));
    const send = async () => {
      if (!draft.text.trim() && !draft.subject?.trim()) return field.focus();
      const attachment = draft.file && await fileForServer(draft.file);
      const sent = await this.town.write({ person: this.person, subject: draft.subject ?? "", text: draft.text, attachment });
      if (sent.ok) this.#forget();
      this.writes = false;
      this.draw();
    };
    const suggest = () => {
      const example = EXAMPLES[this.town.person(this.person)?.language === "ja" ? "ja" : "en"];
      const one = example[Math.floor(Math.random() * example.length)];
      Object.assign(draft, one);
      this.draw();
    };
    return h("form", { class: "mail-form", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); send(); } },
      h("div", { class: "mail-to" }, h("span", null, t("mail.to_label")), h("code", null, this.town.address)),
      subject, field,
      h("div", { class: "reply-tools" }, this.#filePicker(draft), h("button", { type: "button", class: "btn btn-small", testid: "mail-example", onclick: suggest }, t("mail.example")),
        h("button", { type: "submit", class: "btn btn-primary", testid: "mail-send" }, icon(ICONS.send, { size: 16 }), t("send"))));
  }

  /** @param {string} testid @param {{text: string}} draft @param {number} rows @param {string} placeholder */
  #textField(testid, draft, rows, placeholder) {
    const field = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "field", rows, testid, placeholder, "aria-label": placeholder, oninput: () => { draft.text = field.value; } }));
    field.value = draft.text;
    return field;
  }

  /** @param {{file?: File}} draft */
  #filePicker(draft) {
    const name = h("span", { class: "faint" }, draft.file?.name ?? "");
    const picker = /** @type {HTMLInputElement} */ (h("input", { type: "file", class: "file-picker", testid: "mail-attachment", "aria-label": t("mail.attach"), onchange: () => { draft.file = picker.files?.[0]; name.textContent = draft.file?.name ?? ""; } }));
    return h("label", { class: "attach", title: t("mail.attach") }, icon(ICONS.clip), picker, name);
  }

  #draft() {
    return this.drafts[`${this.person}:${this.thread}`] ??= { text: "" };
  }

  #forget() {
    delete this.drafts[`${this.person}:${this.thread}`];
  }
}

const EXAMPLES = {
  en: [
    { subject: "Wrong beans delivered", text: "Hello,\n\nI ordered the Ethiopia light roast and received the espresso blend. Can I exchange it?\n\nThank you" },
    { subject: "Opening hours on Monday?", text: "Hi,\n\nMonday is a public holiday. Is the shop open in the afternoon?\n\nBest wishes" },
    { subject: "Change of address for order #48240", text: "Hello,\n\nI am moving this week. Could you please send order #48240 to my new address?\n\n12 Harbour Street\nDublin" },
  ],
  ja: [
    { subject: "届いた豆が違います", text: "お世話になっております。\n\nエチオピアの浅煎りを注文しましたが、エスプレッソブレンドが届きました。交換していただけますでしょうか。\n\nよろしくお願いいたします。" },
    { subject: "お届け先の変更について", text: "お世話になります。\n\n今週引っ越しをするため、注文番号 20931 のお届け先を変更したいのですが可能でしょうか。" },
    { subject: "営業時間を教えてください", text: "こんにちは。\n\n来週の月曜日は祝日ですが、午後は営業していますか。" },
  ],
};

/** @param {any} file */
function attachment(file) {
  if (/^image\/(png|jpeg|gif|webp)$/.test(file.type)) {
    return h("a", { class: "file-image", href: file.url, target: "_blank", rel: "noopener" }, h("img", { src: file.url, alt: file.name, loading: "lazy" }), h("span", { class: "file-name" }, file.name));
  }
  return h("a", { class: "file-chip", href: file.url, download: file.name }, icon(ICONS.file, { size: 20 }), h("span", null, h("strong", null, file.name), h("small", null, fileSize(file.size))));
}

/** @param {any} letter */
function standing(letter) {
  return h("span", { class: `standing standing-${letter.state}`, title: letter.remark }, t(`standing.${letter.state}`), letter.remark && letter.state !== "delivered" ? h("small", null, ` ${letter.remark}`) : null);
}

/** @param {string} text */
function firstLine(text) {
  return (text.split("\n").find((line) => line.trim() && !line.startsWith(">")) ?? "").slice(0, 120);
}

/** Puts the history that a mail quotes at its end aside. @param {string} text */
function splitQuote(text) {
  const lines = text.split("\n");
  let from = lines.length;
  while (from > 0 && (/^\s*>/.test(lines[from - 1]) || !lines[from - 1].trim())) from -= 1;
  if (!lines.slice(from).some((line) => /^\s*>/.test(line))) return { words: text.trim(), quoted: "" };
  if (from > 0 && /(wrote:|:|:)\s*$/.test(lines[from - 1])) from -= 1;
  return { words: lines.slice(0, from).join("\n").trim(), quoted: lines.slice(from).join("\n").trim() };
}
