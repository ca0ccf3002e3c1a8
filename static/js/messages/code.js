// Blocks of code have a button that copies them.
import * as swaps from "../web/swaps.js";
import { say } from "../web/voice.js";

const SHOWN_MS = 2000;

function arrange() {
  for (const block of document.querySelectorAll(".text pre:not(:has(> .copy))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.ariaLabel = "Copy the code";
    block.append(button);
  }
}

// Over plain HTTP a page may not: what is selected can be copied by hand.
async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    return "Press Ctrl+C";
  }
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.(".text pre > .copy");
  if (!button) return;
  button.textContent = await copy(button.parentElement.querySelector("code"));
  button.dataset.copied = "";
  say(button.textContent);
  setTimeout(() => {
    button.textContent = "Copy";
    delete button.dataset.copied;
  }, SHOWN_MS);
});

swaps.after("arrange", arrange);
arrange();
