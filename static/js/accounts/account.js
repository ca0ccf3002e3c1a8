// The account page.
import { read, write } from "../web/storage.js";
import "../web/main.js";

// A new password begins a new session: pages of this browser that the old one's end signed out come back.
write("signed-in", String(Date.now()));

// Shortcuts belong to the browser in hand, so the choice is kept there.
const box = document.getElementById("shortcuts-on");

box.checked = read("shortcuts") !== "off";
box.addEventListener("change", () => write("shortcuts", box.checked ? null : "off"));

// What is chosen is saved at once, and the theme is seen at once.
const told = document.querySelector("[data-saved]");
const { dataset } = document.documentElement;

async function save(form) {
  const options = { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)) };
  try {
    const answer = await fetch(form.action, options);
    return answer.ok ? "Saved." : `Not saved. ${(await answer.json()).detail}`;
  } catch {
    return "Not saved. Check the network and choose again.";
  }
}

for (const form of document.querySelectorAll("form[data-saves]")) {
  form.addEventListener("change", async ({ target }) => {
    told.textContent = "";
    told.textContent = await save(form);
    if (target.name !== "theme") return;
    if (target.value === "system") delete dataset.theme;
    else dataset.theme = target.value;
  });
}
