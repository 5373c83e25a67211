/** What both pages share: a document and the stock provider, as the README of `y-websocket` shows it. */
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

/** Comes into the session that the address names. */
export function enter() {
  const {
    server = "",
    session = "",
    token = "",
  } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const doc = new Y.Doc();
  const text = doc.getText("code");
  const provider = new WebsocketProvider(server, session, doc, { params: { token } });
  /** @type {number[]} */
  const closes = [];
  provider.on("connection-close", (event) => {
    if (event) closes.push(event.code);
  });
  // As every demo does; whoever it claims to be, the others hear from the server who it is.
  provider.awareness.setLocalStateField("user", { name: "Somebody else", color: "#123456" });
  return { text, provider, closes };
}

/**
 * Lets the test look in.
 * @param {ReturnType<typeof enter>} person
 * @param {() => string} content what the editor itself holds
 */
export function show({ text, provider, closes }, content) {
  Object.assign(globalThis, { stock: { text, provider, closes, content } });
}
