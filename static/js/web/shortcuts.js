// The list of the keys, and those that every page of messages has.
import { shortcut } from "./keys.js";

const dialog = document.getElementById("shortcuts");
const opener = document.querySelector("[data-opens-shortcuts]");

shortcut("?", () => dialog.showModal());
shortcut("/", () => {
  const field = document.getElementById("q");
  field.focus();
  field.select();
});

opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());
