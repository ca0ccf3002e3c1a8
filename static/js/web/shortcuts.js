// Single keys, for those who want them: never while typing, never with a modifier.
import { read } from "./storage.js";

const dialog = document.getElementById("shortcuts");
const opener = document.querySelector("[data-opens-shortcuts]");
const keys = new Map();
const off = () => read("shortcuts") === "off";
const typing = (element) => element.closest("input, textarea, select, dialog, [contenteditable]");

// What a key does; the list of them all is in templates/web/_shortcuts.html.
export const shortcut = (key, does) => { keys.set(key, does); };

// The letter on the key, whatever Caps Lock says; where that is of another script, the one in its place.
function pressed({ key, code, shiftKey }) {
  if (/^[!-~]$/.test(key)) return shiftKey && /[a-z]/i.test(key) ? "" : key.toLowerCase();
  if ([...key].length > 1) return "";
  if (code === "Slash") return shiftKey ? "?" : "/";
  return code.startsWith("Key") && !shiftKey ? code.slice(3).toLowerCase() : "";
}

document.addEventListener("keydown", (event) => {
  const does = keys.get(pressed(event));
  if (off() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || dialog.open || !does) return;
  event.preventDefault();
  does();
});

shortcut("?", () => dialog.showModal());
shortcut("/", () => {
  const field = document.getElementById("q");
  field.focus();
  field.select();
});

opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());
