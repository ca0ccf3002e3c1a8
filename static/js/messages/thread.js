// The thread in the pane: its root and its count follow the message, and whoever is at its end stays there.
import * as swaps from "../web/swaps.js";
import { newest } from "./guard.js";
import { find, keysOf } from "./keyed.js";

const NEAR_PX = 64;   // as far from the end, one still is there
// What the message has in the list, and not in its thread.
const ELSEWHERE = ".avatar, header, .thread-line, .unfold, .more, .actions, .slot, [data-refused]";

let atEnd = true;
let before = null;   // the pane, and how much of it lay below its top edge
let older = false;   // whether what comes is put above

const thread = () => document.querySelector("#pane[data-thread]");

function stay() {
  if (thread() && atEnd) thread().scrollTop = thread().scrollHeight;
}

function tell(count, pane) {
  const words = `${count} ${count === 1 ? "reply" : "replies"}`;
  pane.querySelector("#thread-count").textContent = count ? words : "No replies yet";
}

// Of a message that has gone, what its thread said of it goes, too.
function partsOf(copy) {
  if (copy.querySelector("article")) return [...copy.querySelectorAll(`article > :not(${ELSEWHERE})`)].map((part) => part.cloneNode(true));
  return [Object.assign(document.createElement("p"), { className: "removed", textContent: "Deleted by its author" })];
}

function follow(copy, pane) {
  const root = pane.querySelector("#thread-root");
  if (Number(copy.dataset.seq) <= Number(root.dataset.seq)) return;
  root.dataset.seq = copy.dataset.seq;
  const held = root.contains(document.activeElement) ? keysOf(document.activeElement) : null;
  const parts = partsOf(copy);
  for (const part of parts) {
    part.classList.remove("folds");
    for (const each of part.querySelectorAll("[tabindex]")) each.removeAttribute("tabindex");
  }
  for (const part of root.querySelectorAll(":scope > :not(.avatar, header)")) part.remove();
  root.append(...parts);
  if (held) (find(root, held) ?? root).focus({ preventScroll: true });
  tell(Number(copy.querySelector(".thread-line")?.dataset.count ?? 0), pane);
}

// What is being written stays where its thread is fetched anew.
function keepForm(pane, anew) {
  if (pane.querySelector("form#reply")) anew.querySelector("form#reply")?.setAttribute("hx-preserve", "");
}

// Before what the list does not hold is dropped.
swaps.before("search", ({ tasks }) => {
  const pane = thread();
  if (!pane) return;
  const copies = tasks.flatMap(({ fragment }) => [...fragment.querySelectorAll(`#m-${pane.dataset.thread}`)]);
  for (const copy of copies) follow(copy, pane);
});

swaps.before("reader", ({ tasks }) => {
  const pane = thread();
  const anew = tasks.map(({ fragment }) => fragment.querySelector("#pane")).find(Boolean);
  const isSame = pane && (!anew || anew.dataset.thread === pane.dataset.thread);
  before = isSame ? { pane, rest: pane.scrollHeight - pane.scrollTop } : null;
  older = tasks.some(({ swapSpec }) => swapSpec.style === "afterbegin");
  if (isSame && anew) keepForm(pane, anew);
  const copy = anew && newest(`m-${anew.dataset.thread}`);   // of what changed while its thread was under way
  if (copy) follow(copy, anew);
});

swaps.after("scroll", ({ ctx }) => {
  const pane = thread();
  if (!pane) return;
  if (ctx.stored === "reply" || !before) atEnd = !pane.querySelector(".replies :focus");
  if (before && (older || pane !== before.pane)) pane.scrollTop = pane.scrollHeight - before.rest;
  stay();
});

document.addEventListener("scroll", ({ target }) => {
  if (target === thread()) atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < NEAR_PX;
}, { capture: true, passive: true });

document.addEventListener("input", stay);
addEventListener("resize", stay);
if (!document.getElementById(location.hash.slice(1))?.matches("article")) stay();
