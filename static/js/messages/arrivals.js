// New messages: who is beside the newest stays there, for others the page holds still, and a pill leads on.
import * as edge from "../web/edge.js";
import * as swaps from "../web/swaps.js";
import { say } from "../web/voice.js";

const BAR_PX = 64;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const pill = document.getElementById("pill");

let waiting = 0;
let there = edge.isThere();   // whether the reader is beside the newest
let extent = edge.extent();   // how far the page could be scrolled, when that was seen
let held = null;              // else the message at the top of the screen, and where it ends: its head may go

const plural = (count) => (count === 1 ? "message" : "messages");

function firstInView() {
  const articles = document.querySelectorAll("#messages article");
  const first = [...articles].find((article) => article.getBoundingClientRect().bottom > BAR_PX);
  return first && { id: first.id, end: first.getBoundingClientRect().bottom };
}

function letGo() {
  const place = held && document.getElementById(held.id);
  if (place) scrollBy({ top: place.getBoundingClientRect().bottom - held.end, behavior: "instant" });
  held = null;
}

// Replies are told of, and nothing leads to them: they are beside the list.
function count(copies, isReply) {
  const others = copies.filter(({ dataset }) => dataset.author !== document.body.dataset.user && !("told" in dataset));
  if (!others.length) return;
  const author = others[0].querySelector(".author").firstChild.data.trim();
  if (isReply) return say(`New reply from ${author}`);
  waiting += others.length;
  say(waiting === 1 ? `New message from ${author}` : `${waiting} new messages`);
}

function show() {
  const before = extent;
  extent = edge.extent();
  // What grew while one was there took nobody away.
  if (there && extent !== before) edge.goThere();
  there = edge.isThere();
  if (there) waiting = 0;
  pill.hidden = !waiting;
  if (!waiting) return;
  pill.textContent = `${waiting} new`;
  pill.setAttribute("aria-label", `${waiting} new ${plural(waiting)}, go to the newest`);
}

const stay = () => there && edge.goThere();

const hold = () => { held = there ? null : firstInView(); };

function release() {
  stay();
  letGo();
  show();
}

// The page holds still while something else changes it.
export function holdStill(change) {
  hold();
  change();
  release();
}

swaps.before("reader", hold);

swaps.before("news", ({ tasks }) => {
  for (const { fragment, target, swapSpec } of tasks) {
    if (swapSpec.style !== "upsert" || !document.querySelector(target)) continue;
    const fresh = [...fragment.querySelectorAll("li[data-id]")].filter((copy) => !document.getElementById(copy.id));
    for (const copy of fresh) copy.dataset.fresh = "";
    count(fresh, target !== "#messages");
  }
});

// What was sent or searched for is what one wants to see.
swaps.after("scroll", ({ ctx }) => {
  if (ctx.stored === "composer" || ctx.sourceElement.id === "search") there = true;
  release();
});

pill.addEventListener("click", () => {
  edge.goThere(calm.matches ? "instant" : "smooth");
  edge.newest()?.focus({ preventScroll: true });
});

addEventListener("scroll", show, { passive: true });
addEventListener("resize", stay);
new ResizeObserver(stay).observe(document.querySelector(".dock"));
