// What is open beside the list shows some of its messages: it is fetched anew where one of those changes, or one
// that has or had its mark. The list need not hold the message. And whatever it is, with the list.
import * as swaps from "../web/swaps.js";

const SPREAD_MS = 500;   // so that not all who have it open ask at once

let timer = 0;

const pane = () => document.getElementById("pane");
const isMarked = () => pane()?.dataset.marks;

function isShown(copy) {
  const { marks } = pane().dataset;
  const marked = [copy, document.getElementById(copy.id)].some((item) => item?.querySelector(marks));
  return marked || pane().querySelector(`[data-shows="${copy.id}"]`);
}

function refresh() {
  timer = 0;
  if (pane()) htmx.trigger(pane(), "refresh", {}, false);
}

function refreshSoon() {
  timer ||= setTimeout(refresh, Math.random() * SPREAD_MS);
}

// Before what the list does not hold is dropped.
swaps.before("search", ({ tasks }) => {
  const copies = isMarked() ? tasks.flatMap(({ fragment }) => [...fragment.querySelectorAll("li[data-id]")]) : [];
  if (copies.some(isShown)) refreshSoon();
});

swaps.before("list", ({ tasks }) => {
  if (tasks.some(({ fragment }) => fragment.querySelector("#board"))) refreshSoon();
});
