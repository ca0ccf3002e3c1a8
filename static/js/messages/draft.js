// The draft of this tab in this room: it outlives reloads, crashes and everything that is not its author's wish.
import { draftOf, replyOf } from "../web/drafts.js";
import { read, write } from "../web/storage.js";

const { user } = document.body.dataset;
export const room = document.getElementById("board").dataset.room;
const anyName = () => Math.random().toString(36).slice(2);

export let tab = read("tab", "session") ?? anyName();   // outlives reloads and crashes, and is copied with a tab
write("tab", tab, "session");

export const page = anyName();   // two pages of one tab: one of them is in a copy of it
export const key = () => draftOf(user, tab, room);
export const keyOfReply = ({ dataset }) => replyOf(user, room, dataset.thread);
export const mine = () => parsed(key());

export function parsed(at) {
  try { return JSON.parse(read(at)); } catch { return null; }
}

// The key travels with the text: a message that was stored although its answer got lost is not stored twice.
export function keep(text, clientKey, at = key()) {
  write(at, text ? JSON.stringify({ text, key: clientKey, kept: Date.now() }) : null);
}

export function becomeAnotherTab() {
  tab = anyName();
  write("tab", tab, "session");
}
