// Whom to call: what follows an @ is completed from those who are in the room. Typing the whole name does as well.
import { say } from "../web/voice.js";

const TYPED = /(?<![\p{L}\p{N}_@.+/\\-])@([^\s@][^@\n]{0,48})$/u;   // before the caret
const PAUSE_MS = 120;

let list = null;
let area = null;
let sought = "";   // what the list was opened for
let asked = 0;
let waiting = 0;

const options = () => [...(list?.children ?? [])];
const chosen = () => options().findIndex((option) => option.ariaSelected === "true");
const typed = () => TYPED.exec(area.value.slice(0, area.selectionStart))?.[1];

// Whether it still is about a person: who writes fast is ahead of the list.
function fits(option) {
  const q = typed();
  return Boolean(q) && (q === sought || option.textContent.toLowerCase().includes(q.toLowerCase()));
}

function close() {
  clearTimeout(waiting);
  asked += 1;
  list?.remove();
  list = null;
  for (const name of ["aria-controls", "aria-activedescendant"]) area?.removeAttribute(name);
}

function choose(place) {
  options().forEach((option, number) => option.setAttribute("aria-selected", String(number === place)));
  options()[place].scrollIntoView({ block: "nearest" });
  area.setAttribute("aria-activedescendant", options()[place].id);
}

function optionOf({ username, display_name: shown }, number) {
  const option = document.createElement("li");
  Object.assign(option, { id: `mention-${number}`, role: "option", className: "mention-option" });
  option.dataset.name = username;
  const name = document.createElement("strong");
  name.textContent = username;
  option.append(name, shown ? ` ${shown}` : "");
  return option;
}

function open(people, q) {
  list?.remove();
  sought = q;
  list = document.createElement("ul");
  Object.assign(list, { id: "mention-list", role: "listbox", className: "mention-list", ariaLabel: "People to call" });
  list.append(...people.map(optionOf));
  area.parentElement.append(list);
  area.setAttribute("aria-controls", list.id);
  choose(0);
  say(`${people.length} to choose from: ${people.map(({ username }) => username).join(", ")}`);
}

async function ask() {
  const question = asked += 1;
  const q = typed();
  try {
    const answer = await fetch(`${area.dataset.mentionable}?q=${encodeURIComponent(q)}`, { headers: { Accept: "application/json" } });
    const { people, everybody } = answer.ok ? await answer.json() : {};
    if (!people || question !== asked) return;
    if (everybody) people.push({ username: "room", display_name: "everybody in the room" });
    people.length ? open(people, q) : close();
  } catch { close(); }   // the name can be typed
}

function take(option) {
  if (!fits(option)) return close();
  const { name } = option.dataset;
  const end = area.selectionStart;
  area.setRangeText(`@${name} `, end - typed().length - 1, end, "end");
  close();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("textarea[data-mentionable]")) return;
  area = target;
  clearTimeout(waiting);
  const q = typed();
  if (!q || (list && !q.startsWith(sought))) close();
  if (q) waiting = setTimeout(ask, PAUSE_MS);
});

// Before others hear of a key: Enter takes a name here, and sends nothing. Once more is typed, or the caret is
// elsewhere, the list is about something else, and a key does its own work.
document.addEventListener("keydown", (event) => {
  if (!list || event.target !== area || event.isComposing) return;
  const count = options().length;
  const act = {
    ArrowDown: () => choose((chosen() + 1) % count),
    ArrowUp: () => choose((chosen() + count - 1) % count),
    Enter: () => take(options()[chosen()]),
    Tab: () => take(options()[chosen()]),
    Escape: close,
  }[event.key];
  if (!act || event.shiftKey) return;
  if (act !== close && !fits(options()[chosen()])) return close();
  event.preventDefault();
  event.stopPropagation();
  act();
}, true);

// A list that is pressed can be scrolled, and leaves the caret where it is.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.(".mention-list")) event.preventDefault();
});

document.addEventListener("click", ({ target }) => {
  const option = target.closest?.(".mention-option");
  if (option) take(option);
});

document.addEventListener("focusout", ({ target }) => {
  if (target === area) close();
});
