// The rail of an open page: it is fetched anew where something may be unread. The tab says the same as it does.
import { address, base } from "./address.js";
import { onChange, write } from "./storage.js";
import { entitle } from "./title.js";

const GAP_MS = 1000;      // from one look to the next
const JITTER_MS = 200;    // not all pages ask at once

const rail = document.getElementById("rail");
const icon = document.querySelector('link[rel="icon"]');
const plain = icon?.href;

let timer = 0;
let next = 0;
let asked = 0;

export const current = () => rail.querySelector("[aria-current]");

function tell() {
  const list = rail.querySelector(".rail");
  if (!list) return;
  const count = Number(list.dataset.count);
  entitle({ news: count ? `(${count})` : "unread" in list.dataset ? "•" : "" });
  icon.href = count || "unread" in list.dataset ? icon.dataset.unread : plain;
  write("unread", `${count} ${"unread" in list.dataset}`);   // to the other tabs
}

// A rail as the board has answered with it; whoever is in it stays where they are. A room that has come into it
// or has left it is joined or archived, or no more.
export function put(html) {
  const was = Boolean(current());
  const held = rail.contains(document.activeElement) && document.activeElement.getAttribute("href");
  rail.innerHTML = html;
  if (held) [...rail.querySelectorAll("a")].find((link) => link.getAttribute("href") === held)?.focus();
  tell();
  const writes = document.getElementById("writing")?.value === "composer";
  if (Boolean(current()) !== was || (writes && !current())) document.dispatchEvent(new Event("moved"));
}

// Returns the status of the answer, 0 if none came.
export async function look() {
  const mine = ++asked;
  next = Date.now() + GAP_MS;
  const path = location.pathname.slice(base.length);
  try {
    const answer = await fetch(address("/rooms/rail", { path }), { headers: { "HX-Request": "true" } });
    const html = await answer.text();
    if (answer.ok && mine === asked) put(html);
    return answer.status;
  } catch { return 0; }
}

export function lookSoon() {
  if (timer) return;
  timer = setTimeout(() => {
    timer = 0;
    look();
  }, Math.max(next - Date.now(), 0) + JITTER_MS * Math.random());
}

// The stream hints at it, in this page's own room or another.
document.addEventListener("elsewhere", lookSoon);
onChange((key) => key === "unread" && lookSoon());

if (rail?.querySelector("[data-missing]")) look();
else if (rail) tell();
