// Messages of one person, one soon after the other, stand under one head: as the server says it for a page
// (service/messages/shown.py), here for what came since.
import { newestFirst } from "../web/edge.js";
import * as swaps from "../web/swaps.js";

const TOGETHER_MS = 5 * 60 * 1000;

const isTold = (item) => "told" in item.dataset;   // by the board itself
const isParted = (item, above) => (newestFirst() ? above : item).querySelector(".since");   // by what is new
const sentAt = (item) => Date.parse(item.querySelector("time").dateTime);

function follows(item, above) {
  return item.dataset.author === above?.dataset.author && item.dataset.day === above.dataset.day
    && ![item, above].some(isTold) && !isParted(item, above) && Math.abs(sentAt(item) - sentAt(above)) < TOGETHER_MS;
}

// What a search finds stands each for itself.
function arrange() {
  const grouped = document.getElementById("board")?.dataset.query === undefined;
  for (const item of document.querySelectorAll(":is(#messages, .replies) > li")) {
    item.toggleAttribute("data-follows", grouped && follows(item, item.previousElementSibling));
  }
}

swaps.after("arrange", arrange);
