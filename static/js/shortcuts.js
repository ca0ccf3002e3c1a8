// Single keys, for those who want them: never while typing, never with a modifier.
const dialog = document.getElementById("shortcuts");
const opener = document.querySelector("[data-opens-shortcuts]");
const off = () => board.read("shortcuts") === "off";
const typing = (element) => element.closest("input, textarea, select, dialog, [contenteditable]");
const articles = () => [...document.querySelectorAll("#messages article")];

function step(by) {
  const all = articles();
  const at = all.indexOf(document.activeElement.closest("#messages article"));
  const first = all.findIndex((article) => article.getBoundingClientRect().top >= 0);
  all[at < 0 ? first : Math.max(0, at + by)]?.focus();
}

function edit() {
  document.activeElement.closest("#messages article")?.querySelector("[data-edit]")?.click();
}

function write() {
  const area = document.getElementById("composer-text");
  if (area?.checkVisibility()) area.focus();
  else document.dispatchEvent(new CustomEvent("write"));   // a search is in its place
}

function search() {
  const field = document.getElementById("q");
  field.focus();
  field.select();
}

const keys = {
  "/": search,
  n: write,
  j: () => step(1),
  k: () => step(-1),
  e: edit,
  "?": () => dialog.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (off() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target) || dialog.open || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());
