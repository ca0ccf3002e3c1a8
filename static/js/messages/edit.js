// The forms in a message's slot: opening one, and where the focus goes when it or its message goes.
import { onClose, slotOf } from "../web/slots.js";
import { read } from "../web/storage.js";
import * as swaps from "../web/swaps.js";
import { written } from "./guard.js";
import { find, keysOf } from "./keyed.js";

const OPENS = "[data-edit], [data-delete]";

let next = null;   // the message that takes the focus when the one that has it goes
let keys = [];     // of what in it had the focus

const idOf = (slot) => slot.id.replace("edit-", "");

function focusMessage(id) {
  const article = document.getElementById(`message-${id}`);
  (find(article, keys) ?? article)?.focus({ preventScroll: true });
}

// The sheet, or what hangs from the bar, goes as soon as something in it was chosen.
document.addEventListener("click", ({ target }) => {
  if (target.closest(".action:not([popovertarget], [data-link])")) document.querySelector("article :popover-open")?.hidePopover();
});

// No draft of it is kept: it goes with its page only once one has said so.
addEventListener("beforeunload", (event) => {
  if (read("leaving", "session")) return;   // by hand, with all that is written
  if ([...document.querySelectorAll(".slot .edit textarea")].some(written)) event.preventDefault();
});

onClose((slot) => focusMessage(idOf(slot)));

// A second click while the form is open would overwrite what has been written in it.
document.addEventListener("htmx:before:request", (event) => {
  const link = event.target;
  if (!link.matches?.(OPENS)) return;
  const open = slotOf(link).querySelector("form");
  if (!open) return;
  event.preventDefault();
  open.querySelector("textarea, a")?.focus();
});

swaps.before("reader", ({ tasks }) => {
  const focused = document.activeElement;
  for (const { target, swapSpec } of tasks) {
    if (swapSpec.style === "delete" && target?.contains(focused)) {
      next = (target.nextElementSibling ?? target.previousElementSibling)?.dataset.id ?? null;
    } else if (target?.matches?.(".slot") && target.contains(focused)) {
      next = idOf(target);
    } else if (target?.matches?.("li[data-id]") && target.contains(focused)) {
      next = target.dataset.id;   // it comes back anew
      keys = keysOf(focused);
    }
  }
});

swaps.after("focus", ({ target }) => {
  // htmx would focus it again, from wherever one is, each time its message is replaced.
  for (const field of document.querySelectorAll(".slot [autofocus]")) field.removeAttribute("autofocus");
  if (target.matches?.(OPENS)) {
    const slot = slotOf(target);
    delete slot.dataset.changed;
    const area = slot.querySelector("textarea");
    area?.setSelectionRange(area.value.length, area.value.length);
  }
  if (next && document.activeElement === document.body) focusMessage(next);
  next = null;
  keys = [];
});
