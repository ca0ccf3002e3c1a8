// Marks the room as read, as far as it is shown, once its reader looks at the newest message.
import { address } from "../web/address.js";
import * as edge from "../web/edge.js";
import { current, put } from "../web/rooms.js";
import * as swaps from "../web/swaps.js";
import { say } from "../web/voice.js";

const PAUSE_MS = 300;

let timer = 0;
let told = "";
let telling = null;    // the mark that is under way
let stopped = false;   // its reader has marked it as unread, to read it again another time

const board = () => document.getElementById("board");

// Of the list, unless the pane covers it, and of a thread in the pane.
function shown() {
  const lists = [...document.querySelectorAll("#messages, .replies")].filter((list) => list.checkVisibility({ visibilityProperty: true }));
  const numbers = lists.flatMap(({ children }) => [...children]).map((item) => Number(item.dataset.id));
  return Math.max(0, ...numbers);
}

const replies = () => [...document.querySelectorAll("#messages .thread-line")].map(({ dataset }) => dataset.count);
const stateOf = (what) => `${what} ${current()?.textContent}`;

async function tell() {
  const section = board();
  if (stopped || document.hidden || !edge.isThere() || !section || "query" in section.dataset) return;
  const number = shown();
  const what = `${number} ${replies()}`;   // one of these may call its reader
  if (!number || stateOf(what) === told) return;
  told = stateOf(what);
  try {
    const body = new URLSearchParams({ number });
    const answer = await fetch(address(`${section.dataset.api}/read`), { method: "POST", body, headers: { "HX-Request": "true" } });
    if (answer.ok) put(await answer.text());
    told = answer.ok ? stateOf(what) : "";
  } catch { told = ""; }   // it is tried again with the next message, or when the page is shown again
}

export function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => { telling = tell(); }, PAUSE_MS);
}

// After a mark that is under way, which would raise it again. What fails is done once more as without a script: the
// browser tells of it.
async function markUnread(form) {
  stopped = true;
  await telling;
  try {
    const answer = await fetch(form.action, { method: "POST", headers: { "HX-Request": "true" } });
    if (!answer.ok) return form.submit();
    put(await answer.text());
    say("Marked as unread");
  } catch { form.submit(); }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-unread-from]")) return;
  event.preventDefault();
  markUnread(event.target);
});

swaps.after("scroll", soon);
addEventListener("scroll", soon, { passive: true });
document.addEventListener("visibilitychange", soon);
soon();
