// A quote joins what is being written: in the composer beside the message, or the page's. Without this it is a link to a
// page whose composer begins with it.
import { add } from "./composer.js";

// Where an open pane has a composer of its own, a message in it is quoted there.
const own = (link) => link.closest("#pane")?.querySelector("textarea[name=message]");

async function quote(link) {
  try {
    const answer = await fetch(link.dataset.quote, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    add((await answer.json()).text, own(link));
  } catch { location.assign(link.href); }   // the browser tells what is wrong
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-quote]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !document.querySelector("form#composer")) return;
  event.preventDefault();
  quote(link);
});
