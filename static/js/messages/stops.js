// One stop of the Tab key for each message: what can be done with it is reached from there, with Enter or the
// arrows. Links in its text keep stops of their own.
import * as swaps from "../web/swaps.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };
const STEPS_IN_MENU = { ArrowDown: 1, ArrowUp: -1 };   // else they scroll

const CONTROLS = ".action, .more, .reaction, .time";   // the second by touch and where it is narrow
const controls = (article) => [...article.querySelectorAll(CONTROLS)].filter((each) => each.checkVisibility());

function arrange() {
  for (const article of document.querySelectorAll("li[data-id] > article:not([tabindex='0'])")) {
    article.tabIndex = 0;
    for (const each of article.querySelectorAll(CONTROLS)) each.tabIndex = -1;
  }
}

function react(event) {
  const article = event.target.closest?.("li[data-id] > article");
  const own = article && [article, ...controls(article)];
  const at = own?.indexOf(event.target) ?? -1;
  if (at < 0 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const menu = article.querySelector(":popover-open");
  if (menu && event.key === "Escape") return;   // it closes, and gives the focus back
  const step = STEPS[event.key] ?? (menu && STEPS_IN_MENU[event.key]) ?? (event.key === "Enter" && at === 0 ? 1 : 0);
  const next = event.key === "Escape" && at > 0 ? article : step && own[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

document.addEventListener("keydown", react);
swaps.after("arrange", arrange);
arrange();
