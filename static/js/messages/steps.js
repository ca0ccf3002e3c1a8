// From message to message by key.
import { shortcut } from "../web/shortcuts.js";

const chosen = () => document.activeElement.closest("#messages article");

function step(by) {
  const all = [...document.querySelectorAll("#messages article")];
  const at = all.indexOf(chosen());
  const first = all.findIndex((article) => article.getBoundingClientRect().top >= 0);
  all[at < 0 ? first : Math.max(0, at + by)]?.focus();
}

shortcut("j", () => step(1));
shortcut("k", () => step(-1));
shortcut("e", () => chosen()?.querySelector("[data-edit]")?.click());
