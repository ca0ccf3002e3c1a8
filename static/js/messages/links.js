// The link to a message is copied; where a page may not, as over plain HTTP, it is followed.
import { say } from "../web/voice.js";

const SHOWN_MS = 2000;

async function copy(link) {
  const name = link.querySelector(".action-name");
  const words = link.dataset.words ??= name.textContent;
  try {
    await navigator.clipboard.writeText(link.href);
  } catch { return location.assign(link.href); }
  name.textContent = "Link copied";
  say("Link copied");
  setTimeout(() => { name.textContent = words; }, SHOWN_MS);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  copy(link);
});
