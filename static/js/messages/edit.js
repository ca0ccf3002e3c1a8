// The slot beside a message: opening, closing, and where the focus goes.
let next = null;   // the message that takes the focus when the one that has it goes

const slotOf = (element) => element.closest(".slot");

function focusMessage(id) {
  const message = document.getElementById(`message-${id}`);
  (message?.querySelector("[data-edit]") ?? message)?.focus({ preventScroll: true });
}

function close(slot) {
  const id = slot.id.replace("edit-", "");
  slot.replaceChildren();
  if (slot.parentElement.id === "shelf") slot.remove();
  focusMessage(id);
  document.dispatchEvent(new CustomEvent("closed"));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-close]");
  if (!link || !slotOf(link)) return;
  event.preventDefault();
  close(slotOf(link));
});

document.addEventListener("keydown", (event) => {
  const slot = event.key === "Escape" && slotOf(event.target);
  const area = slot && slot.querySelector("textarea");
  // Escape closes what is asked or unchanged; it never throws away what has been written.
  if (slot && (!area || area.value === area.defaultValue)) close(slot);
});

// A second click while the form is open would overwrite what has been written in it.
document.addEventListener("htmx:before:request", (event) => {
  const link = event.target;
  if (!link.matches?.("[data-edit], [data-delete]")) return;
  const open = link.closest("article").querySelector(".slot form");
  if (!open) return;
  event.preventDefault();
  open.querySelector("textarea, a")?.focus();
});

document.addEventListener("htmx:before:swap", ({ detail: { tasks } }) => {
  const focused = document.activeElement;
  for (const { target, swapSpec } of tasks) {
    if (swapSpec.style === "delete" && target?.contains(focused)) {
      next = (target.nextElementSibling ?? target.previousElementSibling)?.dataset.id ?? null;
    } else if (target?.matches?.(".slot") && target.contains(focused)) {
      next = target.id.replace("edit-", "");
    }
  }
});

document.addEventListener("htmx:after:swap", ({ target }) => {
  // htmx would focus it again, from wherever one is, each time its message is replaced.
  for (const field of document.querySelectorAll(".slot [autofocus]")) field.removeAttribute("autofocus");
  if (target.matches?.("[data-edit], [data-delete]")) {
    const slot = target.closest("article").querySelector(".slot");
    delete slot.dataset.changed;
    const area = slot.querySelector("textarea");
    area?.setSelectionRange(area.value.length, area.value.length);
  }
  if (next && document.activeElement === document.body) focusMessage(next);
  next = null;
});
