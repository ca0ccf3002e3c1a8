// The slot beside a message holds the form that edits or deletes it. What is written in it outlives its
// message: then it lies on the shelf.
import * as swaps from "./swaps.js";

const reactions = [];
const shelf = document.getElementById("shelf");

// The slot of the message that an element is or lies in.
export const slotOf = (element) => element.closest("article, li[data-id]")?.querySelector(".slot");

export function shelve(slot) {
  if (shelf.moveBefore) shelf.moveBefore(slot, null);
  else shelf.append(slot);
}

// A reader has closed a slot, rather than an answer.
export const onClose = (react) => { reactions.push(react); };

// Its page goes, whatever is half written: it is another's by now.
export function empty() {
  for (const slot of document.querySelectorAll(".slot")) slot.replaceChildren();
}

function close(slot) {
  slot.replaceChildren();
  if (slot.parentElement === shelf) slot.remove();
  for (const react of reactions) react(slot);
}

document.addEventListener("click", (event) => {
  const slot = event.target.closest("[data-close]")?.closest(".slot");
  if (!slot) return;
  event.preventDefault();
  close(slot);
});

// Escape closes what is asked or unchanged; it never throws away what has been written.
document.addEventListener("keydown", ({ key, target }) => {
  const slot = key === "Escape" && target.closest(".slot");
  const area = slot && slot.querySelector("textarea");
  if (slot && (!area || area.value === area.defaultValue)) close(slot);
});

swaps.after("arrange", () => {
  for (const slot of document.querySelectorAll("#shelf > .slot:empty")) slot.remove();
});
