// @ts-check
/** Speaks with the server: questions by POST, and sockets that come back by themselves after a break. */

import { toast } from "./toast.js";
import { t } from "./words.js";

/**
 * Asks the server for something. A refusal is shown to the person and given back, never thrown.
 * @param {string} path
 * @param {any} body an object, sent as JSON, or form data
 * @param {{quiet?: boolean}} [how]
 * @returns {Promise<any>} the answer, with `ok` true or false
 */
export async function ask(path, body, { quiet = false } = {}) {
  const isForm = body instanceof FormData;
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: isForm ? {} : { "Content-Type": "application/json" },
      body: isForm ? body : JSON.stringify(body),
    });
    const found = await answer.json().catch(() => ({}));
    const result = { ...found, ok: found.ok ?? answer.ok };
    if (!result.ok && !quiet) toast(errorText(result.error ?? String(answer.status)), { level: "error" });
    return result;
  } catch {
    if (!quiet) toast(errorText("connection_failed"), { level: "error" });
    return { ok: false, error: "connection_failed" };
  }
}

/** A refusal in words. @param {string} error */
export function errorText(error) {
  const known = t(`error.${error}`);
  return known.startsWith("error.") ? t("error.other", { error }) : known;
}

/**
 * Listens to a socket and connects again, ever more slowly, when it breaks.
 * @param {string} path
 * @param {(frame: any) => void} heard
 * @param {(connected: boolean) => void} changed
 * @returns {() => void} ends it
 */
export function listen(path, heard, changed) {
  let ended = false;
  let wait = 500;
  /** @type {WebSocket} */
  let socket;
  const connect = () => {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    socket.onopen = () => { wait = 500; changed(true); };
    socket.onmessage = (event) => { if (!ended) heard(JSON.parse(event.data)); };
    socket.onclose = () => {
      if (ended) return;
      changed(false);
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, 8000);
    };
  };
  connect();
  return () => { ended = true; socket.close(); };
}
