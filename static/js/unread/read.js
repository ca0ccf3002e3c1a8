// Marks the room as read, as far as it is shown, once its reader looks at the newest message.
import { address } from "../web/address.js";
import * as edge from "../web/edge.js";
import { current, put } from "../web/rooms.js";
import * as swaps from "../web/swaps.js";

const PAUSE_MS = 300;

let timer = 0;
let told = "";

const board = () => document.getElementById("board");

function shown() {
  const numbers = [...document.querySelectorAll("#messages > li")].map((item) => Number(item.dataset.id));
  return Math.max(0, ...numbers);
}

async function tell() {
  const section = board();
  if (document.hidden || !edge.isThere() || !section || "query" in section.dataset) return;
  const number = shown();
  const state = `${number} ${current()?.textContent}`;
  if (!number || state === told) return;
  told = state;
  try {
    const body = new URLSearchParams({ number });
    const answer = await fetch(address(`${section.dataset.api}/read`), { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    put(await answer.text());
    told = `${number} ${current()?.textContent}`;
  } catch { told = ""; }   // it is tried again with the next message, or when the page is shown again
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(tell, PAUSE_MS);
}

swaps.after("scroll", soon);
addEventListener("scroll", soon, { passive: true });
document.addEventListener("visibilitychange", soon);
soon();
