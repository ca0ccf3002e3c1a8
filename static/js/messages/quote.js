// A quote joins what is being written: in the composer beside the message, or the page's. Without this it is a link to a
// page whose composer begins with it.
import { field, keyOf } from "./composer.js";
import * as draft from "./draft.js";

// What is quoted comes after what is there, and one writes on below it; it is kept as a draft.
function add(text, area = field()) {
  const before = area.value.trimEnd();
  area.value = before ? `${before}\n\n${text}` : text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
  area.scrollTop = area.scrollHeight;
}

// A page that begins with a quote, in its thread or else its composer, keeps the draft that was there, and brings the
// quote once.
function begun() {
  const here = new URL(location.href);
  if (!here.searchParams.has("quote")) return;
  here.searchParams.delete("quote");
  history.replaceState(history.state, "", here);
  const area = document.getElementById("reply-text") ?? field();
  const quoted = area?.defaultValue;   // none of a message that is not there
  if (!quoted) return;
  const saved = draft.parsed(keyOf(area.form));
  area.value = saved?.text ?? "";
  if (area.value) area.form.elements.client_key.value = saved.key;
  add(quoted, area);
}

// Where an open pane has a composer of its own, a message in it is quoted there.
const own = (link) => link.closest("#pane")?.querySelector(".composer-text");

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
  if (document.querySelector("#board[data-query]")) return;   // a search covers where it would go
  event.preventDefault();
  quote(link);
});

begun();
