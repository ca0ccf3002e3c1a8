// Asks which of the messages that changed match the open search, once a second at most: only the server knows.
import { address } from "../web/address.js";
import { end } from "./hits.js";

const PAUSE_MS = 1000;
const LONGEST_MS = 30000;

let pending = new Set();   // ids of messages that changed
let asked = null;          // those that the request under way is about,
let before = 0;            // which asks for what is below this id
let reached = 0;           // and tells of all down to this one
let failures = 0;
let last = -Infinity;
let timer = 0;

const place = () => document.getElementById("matches");
const wanted = (floor = end()) => [...pending].filter((id) => id >= floor);

export const isAnswer = ({ sourceElement }) => sourceElement === place();
export const isAbout = (id) => id >= reached && id < before;
export const reach = (id) => { reached = id; };

export function askAbout(ids) {
  for (const id of ids) pending.add(id);
  schedule();
}

export function begin() {
  clearTimeout(timer);
  pending.clear();
  [timer, asked, failures] = [0, null, 0];
}

function schedule() {
  if (timer || asked || document.hidden || !place() || !wanted().length) return;
  const pause = Math.min(PAUSE_MS * 2 ** failures, LONGEST_MS);
  timer = setTimeout(ask, Math.max(0, last + pause - performance.now()));
}

function ask() {
  const ids = wanted();
  timer = 0;
  if (document.hidden || !ids.length) return;
  [asked, before, reached, last] = [ids, Math.max(...ids) + 1, Infinity, performance.now()];
  for (const id of ids) pending.delete(id);   // what changes from now on may not be in the answer
  htmx.trigger(place(), "catch-up", {}, false);
}

function settle(signedOut) {
  for (const id of asked) if (id < reached) pending.add(id);
  asked = null;
  failures = reached === Infinity ? failures + 1 : 0;
  if (!signedOut) schedule();   // a new sign-in brings a new list
}

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (!isAnswer(ctx)) return;
  const { page, query } = document.getElementById("board").dataset;
  ctx.request.action = address(`${page}/matches`, { q: query, before });
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (asked && isAnswer(ctx)) settle(ctx.response?.status === 401);
});

document.addEventListener("visibilitychange", schedule);
