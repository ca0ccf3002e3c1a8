// Keys, for those who want them: single ones never while typing, those with Ctrl, on a Mac Command, anywhere.
import { read } from "./storage.js";

const COMMAND = /^(Mac|iP)/.test(navigator.platform) ? "metaKey" : "ctrlKey";
const MODIFIERS = ["ctrlKey", "metaKey", "altKey"];

const keys = new Map();
const off = () => read("shortcuts") === "off";
const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

// What a key does, `k` or `Ctrl+k`; the list of them all is in templates/web/_shortcuts.html.
export const shortcut = (key, does) => { keys.set(key, does); };

// The letter on the key, whatever Caps Lock says; where that is of another script, the one in its place.
function pressed({ key, code, shiftKey }) {
  if (/^[!-~]$/.test(key)) return shiftKey && /[a-z]/i.test(key) ? "" : key.toLowerCase();
  if ([...key].length > 1) return "";
  if (code === "Slash") return shiftKey ? "?" : "/";
  return code.startsWith("Key") && !shiftKey ? code.slice(3).toLowerCase() : "";
}

function nameOf(event) {
  const held = MODIFIERS.filter((modifier) => event[modifier]);
  if (!held.length) return typing(event.target) ? "" : pressed(event);
  return held.join() === COMMAND ? `Ctrl+${pressed(event)}` : "";
}

document.addEventListener("keydown", (event) => {
  const does = keys.get(nameOf(event));
  if (off() || !does || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  does();
});
