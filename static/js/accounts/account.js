// The account page.
import "../web/main.js";
import { read, write } from "../web/storage.js";

// A new password begins a new session: pages of this browser that the old one's end signed out come back.
write("signed-in", String(Date.now()));

// Shortcuts belong to the browser in hand, so the choice is kept there.
const box = document.getElementById("shortcuts-on");

box.checked = read("shortcuts") !== "off";
box.addEventListener("change", () => write("shortcuts", box.checked ? null : "off"));
document.getElementById("shortcuts-choice").hidden = false;
