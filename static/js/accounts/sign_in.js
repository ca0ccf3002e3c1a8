// The sign-in page.
import "../web/answers.js";
import "./leaving.js";
import * as swaps from "../web/swaps.js";
import { chooseZone, zone } from "../web/zone.js";

swaps.after("arrange", chooseZone);
chooseZone();

for (const link of document.querySelectorAll("[data-provider]")) link.search = new URLSearchParams({ user_timezone: zone ?? "" });

// What was typed can be looked at; the form may have been swapped since.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-shows-password]");
  if (!button) return;
  const field = document.getElementById("password");
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.ariaPressed = String(shown);
  button.firstChild.textContent = shown ? "Hide" : "Show";
});

document.addEventListener("submit", () => {
  const field = document.getElementById("password");
  if (field) field.type = "password";   // browsers offer to keep it
}, { capture: true });
