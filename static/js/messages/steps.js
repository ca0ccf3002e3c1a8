// From message to message by key.
import { newestFirst } from "../web/edge.js";
import { shortcut } from "../web/keys.js";

const chosen = () => document.activeElement.closest("li[data-id] > article");

// The replies of the thread in which one is, or which covers the list.
export function thread() {
  const covers = !document.getElementById("messages").checkVisibility({ visibilityProperty: true });
  return (covers ? document.getElementById("pane") : document.activeElement.closest("#pane"))?.querySelector(".replies");
}

const list = () => thread() ?? document.getElementById("messages");
const all = () => [...list().querySelectorAll("article")];

// Those that neither the bar nor the composer covers.
function inView() {
  const high = document.querySelector(".bar").getBoundingClientRect().bottom;
  const low = newestFirst() ? innerHeight : document.querySelector(".dock")?.getBoundingClientRect().top ?? innerHeight;
  return all().filter((article) => {
    const { top, bottom } = article.getBoundingClientRect();
    return bottom > high && top < low;
  });
}

// Who has chosen none begins with the first that is seen, and backwards with the last.
function step(by) {
  const at = all().indexOf(chosen());
  const next = at < 0 ? inView().at(by > 0 ? 0 : -1) : all()[Math.max(0, at + by)];
  next?.focus();
}

shortcut("j", () => step(1));
shortcut("k", () => step(-1));
shortcut("e", () => chosen()?.querySelector("[data-edit]")?.click());
shortcut("r", () => chosen()?.querySelector("[data-reply]")?.click());
