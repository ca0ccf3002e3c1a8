// The way to another room or somebody, from any page: what is typed is the beginning of a name.
import { address } from "./address.js";
import { shortcut } from "./keys.js";

const PAUSE_MS = 150;
const FAILED = "Rooms could not be looked up. Check the network and type again.";
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

const dialog = document.getElementById("switcher");
const field = dialog.querySelector("input");
const found = dialog.querySelector("[data-found-rooms]");
const line = dialog.querySelector("[role=alert]");
const opener = document.querySelector("[data-opens-switcher]");

let timer = 0;
let asked = 0;
let shown = null;   // what was asked for that is shown

const links = () => [...found.querySelectorAll(".rail-item")];

function show(q, html) {
  shown = html === null ? null : q;
  found.innerHTML = html ?? "";
  line.textContent = html === null ? FAILED : "";
}

async function look() {
  clearTimeout(timer);
  const mine = ++asked;
  const q = field.value;
  let html = null;
  try {
    const answer = await fetch(address("/rooms", { q }), { headers: { "HX-Request": "true" } });
    if (answer.ok) html = await answer.text();
  } catch { /* it is told below */ }
  if (mine === asked) show(q, html);
}

async function go() {
  if (shown !== field.value) await look();
  if (shown === field.value) links()[0]?.click();
}

function step(by) {
  const places = [field, ...links()];
  const at = places.indexOf(document.activeElement) + by;
  places[Math.max(0, Math.min(at, places.length - 1))].focus();
}

// The page of rooms and people has it all, with a field of its own.
function open() {
  const own = document.getElementById("rooms-q");
  if (own) return own.select();
  field.value = "";
  show(null, "");
  dialog.showModal();
  look();
}

dialog.addEventListener("keydown", (event) => {
  const by = STEPS[event.key];
  if (!by && (event.key !== "Enter" || event.target !== field)) return;
  event.preventDefault();
  if (by) step(by);
  else go();
});

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE_MS);
});

shortcut("Ctrl+k", open);
opener.hidden = false;
opener.addEventListener("click", open);
