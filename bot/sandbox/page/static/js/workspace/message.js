// @ts-check
/** Draws one message: who, when, words or blocks, files, reactions, and what can be done with it. */

import { drawBlocks } from "../blocks/blocks.js";
import { FormState } from "../blocks/form_state.js";
import { mrkdwn, unescape } from "../blocks/mrkdwn.js";
import { h, icon } from "../dom.js";
import { emoji, PICKER } from "../emoji.js";
import { ICONS } from "../icons.js";
import { openMenu, openPopover } from "../popover.js";
import { clockTime, fileSize, fullTime, t } from "../words.js";
import { avatar, mark } from "./avatar.js";

/** @typedef {import("./workspace.js").Workspace} Workspace */

/** What a person has chosen in the selects of a message, kept while the message is redrawn. @type {Map<string, FormState>} */
const states = new Map();

/**
 * @param {any} message @param {string} channel @param {Workspace} space
 * @param {{compact?: boolean, inThread?: boolean, ephemeral?: boolean, thread?: string}} [how]
 */
export function drawMessage(message, channel, space, { compact = false, inThread = false, ephemeral = false, thread = "" } = {}) {
  const author = authorOf(message, space);
  const seconds = Number(message.ts);
  const isCard = hasHeader(message);
  const body = h("div", { class: isCard ? "message-body message-card" : "message-body" }, drawWords(message, channel, space, ephemeral, thread));
  return h("article", {
    class: ["message", compact && "message-compact", ephemeral && "message-ephemeral", mentionsMe(message, space) && "message-for-me"].filter(Boolean).join(" "),
    testid: `message-${message.ts}`, tabindex: "0", "aria-label": `${author.name}, ${clockTime(seconds)}`,
  },
  h("div", { class: "message-gutter" }, compact ? h("time", { class: "gutter-time" }, clockTime(seconds)) : author.picture),
  h("div", { class: "message-main" },
    ephemeral && h("div", { class: "only-you" }, icon(ICONS.eye, { size: 13 }), t("message.only_you"),
      h("button", { type: "button", class: "link-button", onclick: () => space.store.dismiss(channel, message.ts) }, t("dismiss"))),
    message.pinned_to?.length > 0 && h("div", { class: "pinned", testid: "pinned" }, icon(ICONS.pin, { size: 13 }), t("message.pinned")),
    !compact && h("div", { class: "message-head" }, h("span", { class: "author" }, author.name), author.isApp && h("span", { class: "app-badge" }, t("app.badge")),
      h("time", { title: fullTime(seconds), datetime: new Date(seconds * 1000).toISOString() }, clockTime(seconds))),
    body,
    drawFiles(message.files ?? []),
    drawReactions(message, channel, space),
    !inThread && !ephemeral && message.reply_count > 0 && drawReplies(message, channel, space)),
  !ephemeral && drawTools(message, channel, space, body, inThread));
}

/** A message with a heading is drawn as a slip of its own. @param {any} message */
export function hasHeader(message) {
  return (message.blocks ?? []).some((/** @type {any} */ block) => block.type === "header");
}

/** @param {any} message @param {Workspace} space */
function authorOf(message, space) {
  const user = space.store.users.get(message.user);
  const isApp = Boolean(message.bot_id || message.bot_profile || user?.is_bot);
  const name = message.username || (isApp ? message.bot_profile?.name : "") || space.store.userName(message.user ?? message.bot_id ?? "");
  const picture = isApp && !message.username ? h("span", { class: "avatar avatar-app" }, mark(36)) : avatar(name, { seed: message.user ?? name });
  return { name, isApp, picture };
}

/** @param {any} message @param {Workspace} space */
function mentionsMe(message, space) {
  return message.user !== space.store.me && (message.text ?? "").includes(`<@${space.store.me}>`);
}

/** @param {any} message @param {string} channel @param {Workspace} space @param {boolean} ephemeral @param {string} thread */
function drawWords(message, channel, space, ephemeral, thread) {
  const key = `${space.store.me}:${channel}:${message.ts}`;
  if (!states.has(key)) states.set(key, new FormState());
  const state = /** @type {FormState} */ (states.get(key));
  const container = { type: /** @type {"message"} */ ("message"), channel, ts: message.ts, ephemeral: ephemeral || undefined, thread_ts: message.thread_ts ?? (thread || undefined) };
  const desk = space.desk("message", container, state);
  const attachments = (message.attachments ?? []).map((/** @type {any} */ one) => h("div", { class: "attachment" },
    one.blocks ? drawBlocks(one.blocks, desk) : [one.pretext, one.title, one.text ?? one.fallback].filter(Boolean).map((text) => h("div", null, mrkdwn(text, desk.names)))));
  // An app edits its cards all the time; that is no news.
  const edited = message.edited && !message.bot_id && h("span", { class: "edited", title: fullTime(Number(message.edited.ts)) }, t("message.edited"));
  // What people type is shown from its text: Slack's client makes marks while one types, this page afterwards.
  const typed = !message.bot_id && message.text && message.blocks?.length === 1 && message.blocks[0].type === "rich_text";
  if (message.blocks?.length && !typed) {
    state.prune(message.blocks);
    return [...drawBlocks(message.blocks, desk), ...attachments, edited];
  }
  return [message.text && h("div", { class: "text" }, mrkdwn(message.text, desk.names), " ", edited), ...attachments];
}

/** @param {any[]} files */
function drawFiles(files) {
  if (!files.length) return null;
  return h("div", { class: "files" }, files.map((file) => {
    if (file.mode === "tombstone") return h("div", { class: "file-chip" }, icon(ICONS.trash), t("file.gone"));
    const address = `/client/files/${encodeURIComponent(file.id)}/${encodeURIComponent(file.name ?? "file")}`;
    if (/^image\/(png|jpeg|gif|webp)$/.test(file.mimetype ?? "")) {
      return h("a", { class: "file-image", href: address, target: "_blank", rel: "noopener" }, h("img", { src: address, alt: file.title ?? file.name, loading: "lazy" }),
        h("span", { class: "file-name" }, file.title ?? file.name));
    }
    return h("a", { class: "file-chip", href: address, target: "_blank", rel: "noopener", download: file.name },
      icon(ICONS.file, { size: 22 }), h("span", null, h("strong", null, file.title || file.name), h("small", null, [file.filetype?.toUpperCase(), file.size && fileSize(file.size)].filter(Boolean).join(" · "))));
  }));
}

/** @param {any} message @param {string} channel @param {Workspace} space */
function drawReactions(message, channel, space) {
  if (!message.reactions?.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map((/** @type {any} */ one) => h("button", {
    type: "button", class: "reaction", "aria-pressed": String(one.users?.includes(space.store.me)), testid: `reaction-${one.name}`,
    title: (one.users ?? []).map((/** @type {string} */ id) => space.store.userName(id)).join(", "),
    onclick: () => space.client.react(channel, message.ts, one.name),
  }, emoji(one.name) ?? `:${one.name}:`, h("span", null, one.count ?? one.users?.length))));
}

/** @param {any} message @param {string} channel @param {Workspace} space */
function drawReplies(message, channel, space) {
  const key = `${channel}:${message.ts}`;
  const people = [...new Set(message.reply_users ?? [])].slice(0, 4);
  return h("button", {
    type: "button", class: space.store.freshThreads.has(key) ? "replies replies-fresh" : "replies", testid: `replies-${message.ts}`,
    onclick: () => space.openThread(channel, message.ts),
  },
  h("span", { class: "faces" }, people.map((id) => space.store.users.get(id)?.is_bot ? h("span", { class: "avatar avatar-small avatar-app" }, mark(22)) : avatar(space.store.userName(String(id)), { seed: String(id), size: "small" }))),
  h("strong", null, t(message.reply_count === 1 ? "thread.one_reply" : "thread.replies", { n: message.reply_count })),
  message.latest_reply && h("span", { class: "faint" }, t("thread.latest", { time: clockTime(Number(message.latest_reply)) })));
}

/** @param {any} message @param {string} channel @param {Workspace} space @param {HTMLElement} body @param {boolean} inThread */
function drawTools(message, channel, space, body, inThread) {
  const react = (/** @type {string} */ name) => space.client.react(channel, message.ts, name);
  const mine = message.user === space.store.me && !message.bot_id;
  const tool = (/** @type {string} */ label, /** @type {Node} */ drawing, /** @type {(event: Event) => void} */ press, /** @type {string} */ testid) =>
    h("button", { type: "button", class: "tool", title: label, "aria-label": label, testid, onclick: press }, drawing);
  return h("div", { class: "tools", role: "toolbar", "aria-label": t("message.tools") },
    ["white_check_mark", "eyes", "raised_hands"].map((name) => tool(t("message.react_with", { name }), document.createTextNode(emoji(name) ?? name), () => react(name), `react-${name}`)),
    tool(t("message.react"), icon(ICONS.smile), (event) => pickEmoji(/** @type {HTMLElement} */ (event.currentTarget), react), "react"),
    !inThread && tool(t("thread.reply"), icon(ICONS.thread), () => space.openThread(channel, message.thread_ts ?? message.ts), "reply-in-thread"),
    tool(t("more"), icon(ICONS.more), (event) => openMenu(/** @type {HTMLElement} */ (event.currentTarget), [
      ...space.store.shortcuts.filter((one) => one.type === "message" || one.type === "message_action").map((shortcut) => ({
        label: shortcut.name, hint: space.appName(), testid: `shortcut-${shortcut.callback_id}`, lead: mark(18),
        pick: () => space.client.shortcut(shortcut, channel, message.ts),
      })),
      ...(mine ? [null,
        { label: t("message.edit"), lead: icon(ICONS.pencil, { size: 16 }), testid: "message-edit", pick: () => editInPlace(message, channel, space, body) },
        { label: t("message.delete"), danger: true, lead: icon(ICONS.trash, { size: 16 }), testid: "message-delete", pick: () => space.client.remove(channel, message.ts) }] : []),
    ]), "message-menu"));
}

/** @param {HTMLElement} anchor @param {(name: string) => void} picked */
export function pickEmoji(anchor, picked) {
  const panel = openPopover(anchor, h("div", { class: "emoji-grid" }, PICKER.map((name) => h("button", {
    type: "button", title: `:${name}:`, "aria-label": name, onclick: () => { panel?.close(); picked(name); },
  }, emoji(name) ?? ""))));
}

/** @param {any} message @param {string} channel @param {Workspace} space @param {HTMLElement} body */
function editInPlace(message, channel, space, body) {
  const field = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "field", rows: 3, testid: "edit-text" }));
  field.value = unescape(message.text ?? "");
  const save = async () => {
    const answer = await space.client.edit(channel, message.ts, field.value);
    if (answer.ok) editor.replaceWith(...before);
  };
  const before = Array.from(body.childNodes);
  const editor = h("div", { class: "edit-in-place" }, field, h("div", { class: "dialog-foot" },
    h("button", { type: "button", class: "btn btn-small", onclick: () => editor.replaceWith(...before) }, t("cancel")),
    h("button", { type: "button", class: "btn btn-small btn-primary", testid: "edit-save", onclick: save }, t("save"))));
  body.replaceChildren(editor);
  field.focus();
}
