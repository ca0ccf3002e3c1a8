// What every page has of somebody who is signed in.
import "./away.js";
import "./rail.js";
import "./rooms.js";
import "./switcher.js";
import { write } from "./storage.js";

// Keys that an input method takes are no commands: no other file hears of them. Safari tells of its
// last one by the code alone, after the composition has ended.
const COMPOSING = 229;

addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === COMPOSING) event.stopImmediatePropagation();
}, { capture: true });

// Who signs out by hand leaves no draft behind: the sign-in page that follows sees to it.
const LEAVES = 'form[action$="/api/logout"], form[action$="/sessions/end"], form[data-leaves]';

document.addEventListener("submit", ({ target }) => {
  if (target.matches(LEAVES)) write("leaving", document.body.dataset.user, "session");
});
write("leaving", null, "session");

// The menus work without this; with it, they close as menus do.
for (const menu of document.querySelectorAll(".menu")) {
  document.addEventListener("click", ({ target }) => {
    if (!menu.contains(target) || target.closest(".menu-item")) menu.open = false;
  });

  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
