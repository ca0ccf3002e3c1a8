// The palette of reactions, at the message that is reacted on. Without this its page has it.
import * as swaps from "../web/swaps.js";
import { find, keysOf } from "./keyed.js";
import { has, palette, send } from "./reactions.js";

const STEPS = { ArrowRight: () => 1, ArrowLeft: () => -1, ArrowDown: () => columns(), ArrowUp: () => -columns() };
const ENDS = { Home: 0, End: -1 };

let at = null;         // the id of the message, and the keys of what has opened the palette for it
let pressed = null;    // what is pressed, if that closes it

const grid = palette?.querySelector(".emoji");
const buttons = palette ? [...grid.children] : [];
const emojiOf = (button) => button.textContent;
const isOpen = () => palette.matches(":popover-open");
const item = () => document.getElementById(at.id);
const opener = () => find(item(), at.keys);
const columns = () => getComputedStyle(grid).gridTemplateColumns.split(" ").length;

function choose(button) {
  for (const each of buttons) each.tabIndex = each === button ? 0 : -1;
  button.focus();
}

// The message may have come anew, with other reactions, or have gone.
function arrange() {
  for (const link of document.querySelectorAll("[data-react]")) {
    link.ariaHasPopup = "dialog";
    link.ariaExpanded = String(isOpen() && link === opener());
    if (link.matches(".reaction")) link.setAttribute("role", "button");
  }
  if (!isOpen()) return;
  if (!item()) return palette.hidePopover();
  for (const button of buttons) button.ariaPressed = String(has(item(), emojiOf(button)));
  palette.querySelector("a").hidden = !item().querySelector(".reaction");
}

function open(link) {
  link.closest(":popover-open")?.hidePopover();   // the sheet gives the focus back to its button
  at = { id: link.closest("[data-id]").id, keys: keysOf(link) };
  palette.querySelector("a").href = link.href;
  palette.showPopover();
  arrange();
  choose(buttons[0]);
}

// The focus comes back by itself, unless that which had it was replaced.
function leave() {
  arrange();
  if (document.activeElement !== document.body && !palette.contains(document.activeElement)) return;
  (opener() ?? item()?.querySelector("article"))?.focus({ preventScroll: true });
}

function react(event) {
  const link = event.target.closest?.("[data-react]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link !== pressed) open(link);
  pressed = null;
}

function step(event) {
  const from = buttons.indexOf(event.target);
  const to = event.key in ENDS ? buttons.at(ENDS[event.key]) : buttons[from + STEPS[event.key]?.()];
  if (from < 0 || !(event.key in STEPS || event.key in ENDS)) return;
  event.preventDefault();
  if (to) choose(to);
}

if (palette) {
  document.addEventListener("click", react);
  document.addEventListener("pointerdown", () => { pressed = isOpen() ? opener() : null; }, { capture: true });
  palette.addEventListener("keydown", step);
  palette.addEventListener("toggle", ({ newState }) => newState === "closed" && leave());
  palette.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    palette.hidePopover();
    if (item()) send(item(), emojiOf(button));
  });
  // Before the focus goes on from a message that goes.
  swaps.before("list", ({ tasks }) => {
    if (isOpen() && tasks.some(({ target, swapSpec }) => swapSpec.style === "delete" && target === item())) palette.hidePopover();
  });
  swaps.after("arrange", arrange);
  arrange();
}
