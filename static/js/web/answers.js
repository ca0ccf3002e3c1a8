// What an element asks for (data-expects) is put in place; anything else, such as a proxy's error page,
// leaves it as it is, with its text, and is told in words beside it.
import { slotOf } from "./slots.js";
import * as swaps from "./swaps.js";

const FAILED = "The board could not be reached. Check the network and try again.";

function lineOf(source) {
  const places = [source, source.parentElement, source.form];   // a button may stand deeper in its form
  return places.map((place) => place?.querySelector(":scope > [data-error]")).find(Boolean);
}

function errorPlace(source) {
  return lineOf(source) ?? slotLine(source);
}

// A link into a slot has no line of its own: the slot it would have filled gets one.
function slotLine(source) {
  const slot = slotOf(source);
  if (!slot || slot.querySelector("form")) return null;
  const line = document.createElement("p");
  line.className = "error";
  line.setAttribute("role", "alert");
  slot.replaceChildren(line);
  return line;
}

function fail(source, words) {
  const place = errorPlace(source);
  if (place) place.textContent = words?.trim() || source.dataset.failed || FAILED;
}

function setBusy(source, busy) {
  if (!source.matches("form[method=post]")) return;
  for (const field of source.querySelectorAll("input, textarea")) field.readOnly = busy;
  source.setAttribute("aria-busy", String(busy));
}

document.addEventListener("htmx:before:request", ({ target, detail }) => {
  if (detail.ctx.sourceElement !== target || !target.dataset?.expects) return;
  setBusy(target, true);
  const line = lineOf(target);
  if (line) line.textContent = "";
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.dataset?.expects) setBusy(ctx.sourceElement, false);
});

swaps.before("expected", ({ ctx, tasks }) => {
  const expected = ctx.sourceElement.dataset?.expects;
  const main = tasks.find((task) => task.type === "main");
  if (!expected || !main || main.fragment.querySelector(expected)) return;
  tasks.splice(tasks.indexOf(main), 1);
  ctx.title = "";
  fail(ctx.sourceElement, main.fragment.querySelector("[data-words]")?.textContent);
});

document.addEventListener("htmx:error", ({ target }) => {
  if (target.dataset?.expects) fail(target);
});
