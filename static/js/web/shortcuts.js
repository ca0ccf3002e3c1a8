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

// The letter on the key, whatever Caps Lock says; where that is of another script, the one in its place.
function pressed({ key, code, shiftKey }) {
  if (/^[!-~]$/.test(key)) return shiftKey && /[a-z]/i.test(key) ? "" : key.toLowerCase();
  if ([...key].length > 1) return "";
  if (code === "Slash") return shiftKey ? "?" : "/";
  return code.startsWith("Key") && !shiftKey ? code.slice(3).toLowerCase() : "";
}

document.addEventListener("keydown", (event) => {
  const key = pressed(event);
  if (off() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || dialog.open || !Object.hasOwn(keys, key)) return;
  event.preventDefault();
  keys[key]();
});

opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());
