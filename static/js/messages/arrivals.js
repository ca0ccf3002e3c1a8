// New messages: the page holds still for a reader who has scrolled away, and a pill leads to the top.
import * as swaps from "../web/swaps.js";
import { say } from "../web/voice.js";

const HEADER_PX = 64;
const holdsByItself = CSS.supports("overflow-anchor", "auto");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const pill = document.getElementById("pill");

let waiting = 0;
let held = null;

// A question whether it is really you may stand in place of the list.
const scrolledAway = () => document.getElementById("messages")?.getBoundingClientRect().top < HEADER_PX;
const plural = (count) => (count === 1 ? "message" : "messages");

function firstInView() {
  const articles = document.querySelectorAll("#messages article");
  const first = [...articles].find((article) => article.getBoundingClientRect().bottom > HEADER_PX);
  return first && { id: first.id, top: first.getBoundingClientRect().top };
}

function letGo(reloaded) {
  const place = held && document.getElementById(held.id);
  if (place && (reloaded || !holdsByItself)) scrollBy(0, place.getBoundingClientRect().top - held.top);
  held = null;
}

function count(copies) {
  const others = copies.filter((copy) => copy.dataset.author !== document.body.dataset.user);
  if (!others.length) return;
  const author = others[0].querySelector(".author").firstChild.data.trim();
  waiting += others.length;
  say(waiting === 1 ? `New message from ${author}` : `${waiting} new messages`);
}

function show() {
  if (!scrolledAway()) waiting = 0;
  pill.hidden = !waiting;
  if (!waiting) return;
  pill.textContent = `${waiting} new`;
  pill.setAttribute("aria-label", `${waiting} new ${plural(waiting)}, go to the top`);
}

swaps.before("reader", () => {
  held = scrolledAway() ? firstInView() : null;
});

swaps.before("news", ({ tasks }) => {
  for (const { fragment, swapSpec } of tasks) {
    if (swapSpec.style !== "upsert") continue;
    const fresh = [...fragment.querySelectorAll("li[data-id]")].filter((copy) => !document.getElementById(copy.id));
    for (const copy of fresh) copy.dataset.fresh = "";
    count(fresh);
  }
});

swaps.after("scroll", ({ target }) => {
  letGo(target.id === "board");
  show();
});

pill.addEventListener("click", () => {
  scrollTo({ top: 0, behavior: calm.matches ? "auto" : "smooth" });
  document.querySelector("#messages article")?.focus({ preventScroll: true });
});

addEventListener("scroll", show, { passive: true });
