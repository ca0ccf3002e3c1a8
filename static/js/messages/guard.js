// Answers and stream frames race. Whichever comes last must not undo what is newer,
// bring back what has gone, or close a form somebody is writing in.
import { shelve, slotOf } from "../web/slots.js";
import * as swaps from "../web/swaps.js";

const gone = new Set();     // ids of removed items: no late copy brings them back
const unseen = new Map();   // newest copies of items the page does not hold yet: a page of older ones may be under way
const UNDER_WAY_MS = 15000;   // as long as a pane may be

let came = [];   // replies of late, with the list that each belongs to, and when: its pane may be under way

const seq = (item) => Number(item.dataset.seq);
const present = (copy) => document.getElementById(copy.id);
const outdated = (copy) => gone.has(copy.id) || (present(copy) && seq(present(copy)) >= seq(copy));
export const newest = (id) => unseen.get(id) ?? document.getElementById(id);
const epoch = (root) => root.querySelector("#stream")?.dataset.cursor.split(".")[0];
const editedAt = (item) => item.querySelector(".edited")?.dateTime;
export const written = (field) => field.value !== field.defaultValue;

// A reloaded list is the truth. Another epoch means a restored database: there, old ids may stand for new messages.
function reload(fragment) {
  if (epoch(fragment) !== epoch(document)) {
    gone.clear();
    came = [];
    for (const reply of document.querySelectorAll("#pane li[data-id]")) reply.dataset.seq = 0;   // a pane comes anew with its list
  }
  for (const copy of fragment.querySelectorAll("li[data-id]")) gone.delete(copy.id);
  unseen.clear();
  keepEdits("#messages", fragment);
  return true;
}

function keepEdits(place, fragment) {
  for (const slot of document.querySelectorAll(`${place} .slot:has(.edit)`)) {
    if (!fragment.querySelector(`#${slot.id}`)) shelve(slot);
  }
}

function note(copies, list) {
  const now = performance.now();
  if (!list?.startsWith?.("#replies-")) return;
  came = [...came.filter(({ at }) => now - at < UNDER_WAY_MS), ...copies.map((copy) => ({ copy: copy.cloneNode(true), list, at: now }))];
}

// What has come of its replies since it was asked for is newer.
function beside(fragment, { began }) {
  const list = fragment.querySelector(".replies");
  keepEdits("#pane", fragment);
  for (const { copy, list: of, at } of came) {
    if (at >= began && of === `#${list?.id}` && !fragment.querySelector(`#${copy.id}`)) list.append(copy.cloneNode(true));
  }
  for (const copy of fragment.querySelectorAll("li[data-id]")) {
    const newer = newest(copy.id);
    if (gone.has(copy.id)) copy.remove();
    else if (newer && seq(newer) > seq(copy)) copy.replaceWith(newer.cloneNode(true));
  }
  return true;
}

function remove(copies, target) {
  for (const copy of copies) {
    gone.add(copy.id);
    unseen.delete(copy.id);
  }
  if (target?.matches("li") && [...slotOf(target).querySelectorAll("textarea")].some(written)) shelve(slotOf(target));
  return true;
}

function replace(copy, target) {
  if (outdated(copy)) return false;
  if (target && editedAt(target) !== editedAt(copy)) slotOf(target).dataset.changed = "";
  if (target) return true;
  if (!unseen.has(copy.id) || seq(unseen.get(copy.id)) < seq(copy)) unseen.set(copy.id, copy);
  return false;
}

function append(copies) {
  for (const copy of copies) {
    const newer = unseen.get(copy.id);
    if (gone.has(copy.id) || present(copy)) copy.remove();
    else if (newer && seq(newer) > seq(copy)) copy.replaceWith(newer);
    unseen.delete(copy.id);
  }
  return true;
}

function insert(copies, list) {
  note(copies, list);
  const fresh = copies.filter((copy) => !outdated(copy));
  for (const copy of copies) if (!fresh.includes(copy)) copy.remove();
  return fresh.length > 0;
}

function allowed({ fragment, target, swapSpec }, ctx) {
  if (fragment.querySelector("#messages")) return reload(fragment);
  if (fragment.querySelector("#pane")) return beside(fragment, ctx);
  const copies = [...fragment.querySelectorAll("li[data-id]")];
  if (!copies.length) return true;
  switch (swapSpec.style) {
    case "delete": return remove(copies, target);
    case "outerHTML": return replace(copies[0], target);
    case "beforeend":
    case "afterbegin": return append(copies);
    default: return insert(copies, target);
  }
}

swaps.before("late", ({ ctx, tasks }) => {
  const kept = tasks.filter((task) => allowed(task, ctx));
  tasks.splice(0, tasks.length, ...kept);
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => { ctx.began = performance.now(); });
