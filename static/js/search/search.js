// Searching: as one types, with the address, the title and the history following what is shown.
import { address } from "../web/address.js";
import * as swaps from "../web/swaps.js";
import { entitle } from "../web/title.js";
import { say } from "../web/voice.js";

const PAUSE_MS = 1500;
const touch = matchMedia("(pointer: coarse)");
const form = document.getElementById("search");
const field = document.getElementById("q");
const filters = document.getElementById("filters");

let composing = false;
let next = null;   // what follows when all messages are shown again
let list = document.getElementById("board");
let pause = 0;

const shown = () => list.dataset.query ?? "";
const addressed = () => new URLSearchParams(location.search).get("q") ?? "";
const outcome = () => list.querySelector("[data-found]")?.textContent || list.querySelector(".empty").innerText;

function search(text) {
  field.value = text;
  htmx.trigger(form, "now", {}, false);   // Enter asks for all rooms
}

export function showAll(then) {
  next = then;
  search("");
}

// A search that begins or ends is a step in the history; while it changes it stays the same step.
function record() {
  if (shown() === addressed()) return;
  const change = Boolean(shown()) === Boolean(addressed()) ? "replaceState" : "pushState";
  history[change](null, "", address(list.dataset.page, shown() && { q: shown() }));
}

// The filters are those of the search that is shown, until somebody sets them.
function fill() {
  const fields = filters.querySelector("form");
  if (!filters.open || fields.contains(document.activeElement)) return;
  const set = JSON.parse(list.querySelector("[data-filters]")?.dataset.filters ?? "{}");
  for (const input of fields.querySelectorAll("input, select")) {
    if (input.type === "checkbox") input.checked = Boolean(set[input.name]);
    else input.value = set[input.name] ?? "";
  }
}

function arrive() {
  record();
  fill();
  entitle({ words: list.dataset.title });
  clearTimeout(pause);
  pause = setTimeout(() => say(shown() ? outcome() : "All messages are shown"), PAUSE_MS);
  if (!shown()) next?.();
  next = null;
}

swaps.after("search", ({ ctx }) => {
  const before = list;
  list = document.getElementById("board");
  if (list !== before && ctx.sourceElement === form) arrive();
});

// A list that was loaded anew meanwhile is the one to replace.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement === form) ctx.target = list;
});

for (const type of ["compositionstart", "compositionend"]) {
  field.addEventListener(type, () => { composing = type === "compositionstart"; });
}

// Half a syllable finds nothing that is meant. But the keyboards of phones compose every word, letter by letter.
form.addEventListener("htmx:before:request", (event) => {
  if (composing && !touch.matches) event.preventDefault();
});

field.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  if (field.value) search("");
  else field.blur();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-shows-all]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  document.getElementById("main").focus({ preventScroll: true });
  search("");
});

addEventListener("popstate", () => {
  if (addressed() !== shown()) search(addressed());
});

filters.addEventListener("toggle", fill);

// What the filters are set to, the server puts into words.
filters.addEventListener("htmx:after:request", (event) => {
  const { redirect } = event.detail.ctx.hx;
  if (!redirect) return;
  event.preventDefault();
  filters.open = false;
  filters.querySelector("summary").focus();
  search(new URL(redirect, location).searchParams.get("q") ?? "");
});
