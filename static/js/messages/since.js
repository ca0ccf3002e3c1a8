// The line where one stopped reading stays while the page is open, whatever comes in place of its message.
import * as swaps from "../web/swaps.js";

const line = document.querySelector(".since");

let number = line?.dataset.since;   // of the message that it belongs to

const isFound = (board) => board?.dataset.query !== undefined;

// In the page's order, beside the newer ones.
function put(item) {
  const copy = line.cloneNode(true);
  if (line.id) item.querySelector(".day").after(copy);
  else item.append(copy);
}

function goOn(item) {
  const newer = line.id ? item.nextElementSibling : item.previousElementSibling;
  number = newer?.dataset.id;
  if (newer) put(newer);
}

function carry({ target, fragment, swapSpec }) {
  if (isFound(fragment.querySelector("#board") ?? document.getElementById("board"))) return;
  if (swapSpec.style === "delete") {
    if (target?.id === `m-${number}`) goOn(target);
    return;
  }
  const item = fragment.querySelector(`li[data-id="${number}"]:has(.day)`);
  if (item) put(item);
}

if (line) swaps.before("news", ({ tasks }) => tasks.forEach(carry));
