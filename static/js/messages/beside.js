// What opens beside the list, in the pane, comes in place: its link (data-pane) is followed without a new page, and
// the address follows. Back, Escape, its own link and a search close it. With Ctrl and the like a link stays a link,
// and beside what a search has found: no address says both.
import "../search/search.js";
import { soon as readSoon } from "../unread/read.js";
import { address } from "../web/address.js";
import { shelve } from "../web/slots.js";
import * as swaps from "../web/swaps.js";
import { entitle } from "../web/title.js";
import { holdStill } from "./arrivals.js";

const HELD = ["ctrlKey", "metaKey", "shiftKey", "altKey"];
const loader = document.getElementById("beside");
const line = loader.querySelector("[data-error]");   // why nothing came

let wanted = "";    // the path of what is asked for
let part = "";      // and where in it one goes
let held = false;   // whether the focus is in it

const pane = () => document.getElementById("pane");
const list = () => document.getElementById("board")?.dataset ?? {};
const isAlone = () => location.pathname === address(list().page);   // as the address has it
const shown = () => pane()?.getAttribute("hx-get");
const isBeside = (element) => element === document.body || Boolean(pane()?.contains(element));
const title = () => pane().querySelector(".pane-title");
const name = () => title().firstChild.data.trim();

// To a message, to where one writes, or to begin with.
function enter(hash) {
  const place = document.getElementById(hash.slice(1));
  const isThere = pane().contains(place);
  const goal = (isThere && (place.querySelector("textarea") ?? place.closest("article"))) || title();
  goal.focus({ preventScroll: goal !== place });
}

function load({ pathname, hash }) {
  [wanted, part] = [pathname, hash];
  htmx.trigger(loader, "open", {}, false);
}

// Back to the link that leads there; of a message, to the message.
function leave(path) {
  const links = [...document.querySelectorAll("a[data-pane]")];
  const link = links.find(({ pathname }) => pathname === path);
  (link?.closest("article") ?? link ?? document.getElementById("main")).focus({ preventScroll: true });
}

function shut() {
  wanted = "";
  if (!pane()) return;
  const [path, had] = [shown(), isBeside(document.activeElement)];
  for (const slot of pane().querySelectorAll(".slot:has(.edit)")) shelve(slot);
  holdStill(() => pane().remove());
  entitle({ beside: "" });
  readSoon();   // what it covered is seen
  if (had) leave(path);
}

// One that was opened here is a step in the history, which is taken back; one that another took the place of is none.
// It goes at once: a second press would take back one more.
function close() {
  if (history.state?.beside) history.back();
  else history.replaceState(null, "", address(list().page));
  shut();
}

function record() {
  if (location.pathname === wanted) return;
  history.scrollRestoration = "manual";
  if (isAlone()) history.pushState({ beside: true }, "", wanted + part);
  else history.replaceState(history.state, "", wanted + part);
}

document.addEventListener("click", (event) => {
  line.textContent = "";
  const link = event.target.closest?.("a[data-pane], a[data-pane-close]");
  if (!link || list().query !== undefined || event.defaultPrevented || HELD.some((key) => event[key])) return;
  event.preventDefault();
  if ("paneClose" in link.dataset) close();
  else if (link.pathname === shown()) enter(link.hash);
  else load(link);
});

// Not what is typed in, a menu that is open, or what has taken the key for itself.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !pane() || !isBeside(event.target)) return;
  if (!event.target.matches("input, textarea, select") && !document.querySelector(":popover-open, dialog[open]")) close();
});

addEventListener("popstate", () => {
  if (isAlone()) shut();
  else if (location.pathname !== shown()) load(location);
});

loader.addEventListener("htmx:config:request", ({ detail }) => { detail.ctx.request.action = wanted; });

// Another may be there, or none any more.
loader.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  [ctx.target, ctx.swap] = pane() ? [pane(), "outerHTML"] : [document.querySelector(".frame"), "beforeend"];
});

swaps.before("reader", () => { held = Boolean(pane()?.contains(document.activeElement)); });

swaps.after("focus", ({ ctx }) => {
  const isOpened = ctx.sourceElement === loader && shown() === wanted;
  if (isOpened) record();
  if (isOpened) entitle({ beside: name() });
  if (isOpened || (held && document.activeElement === document.body)) enter(isOpened ? part : "");
});

// After a search, or what came too late; and what has not come yet stays away from what is found.
swaps.after("search", () => {
  if (isAlone() && (pane() || list().query !== undefined)) shut();
});

if (pane()) entitle({ beside: name() });
