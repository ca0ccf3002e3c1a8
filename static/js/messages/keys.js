// The composer's keys, and the key that leads to it.
import { showAll } from "../search/search.js";
import { newestFirst } from "../web/edge.js";
import { shortcut } from "../web/keys.js";
import { field, writes } from "./composer.js";
import { thread } from "./steps.js";

// Escape leaves it, so that single keys are commands again; the arrow up goes back to what one has written last.
document.addEventListener("keydown", (event) => {
  const area = event.target.closest(".composer-text");
  if (!area || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  const pane = area.closest("#pane");
  if (event.key === "Escape" && pane) pane.querySelector(".pane-title").focus();
  else if (event.key === "Escape") area.blur();
  if (event.key !== "ArrowUp" || area.value) return;
  const mine = [...document.querySelectorAll(`${pane ? ".replies" : "#messages"} [data-edit]`)];
  const last = !pane && newestFirst() ? mine[0] : mine.at(-1);
  if (!last) return;
  event.preventDefault();
  last.click();
});

// Where a search is in its place, it comes back first.
shortcut("n", () => {
  if (thread()) return document.querySelector("#pane .composer-text")?.focus();
  if (!writes()) return;
  if (field().checkVisibility()) field().focus();
  else showAll(() => field().focus());
});
