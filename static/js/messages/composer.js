// The composer: its draft outlives every accident, and only an answer that says so empties it.
import { read, write } from "../web/storage.js";
import * as swaps from "../web/swaps.js";
import * as draft from "./draft.js";
import { fit, types } from "./writing.js";

const place = () => document.getElementById("composer");
const form = () => document.querySelector("form#composer");   // none for who only reads
export const field = () => document.getElementById("composer-text");
const keyField = () => form().elements.client_key;
const keep = () => draft.keep(field().value, keyField().value);

let shown = null;   // the place as it was last made ready

export const writes = () => Boolean(form());

// Who may write no more still has what they were writing.
function restore() {
  const saved = draft.mine();
  if (!saved?.text || field()?.value) return;
  if (writes()) {
    field().value = saved.text;
    keyField().value = saved.key;
  } else {
    const unsent = place().querySelector("[data-unsent]");
    unsent.querySelector(".text").textContent = saved.text;
    unsent.hidden = false;
  }
}

function prepare() {
  if (!writes()) return;
  document.getElementById("composer-hint").hidden = !types.matches || read("hint") === "known";
  fit(field());
}

// The text of a tab that is gone joins what is written here.
export function join({ text, key }) {
  if (!field().value) keyField().value = key;
  field().value = [field().value, text].filter(Boolean).join("\n");
  keep();
  prepare();
}

// What is quoted comes after what is there, and one writes on below it; the page's composer keeps it as a draft.
export function add(text, area = field()) {
  const before = area.value.trimEnd();
  area.value = before ? `${before}\n\n${text}` : text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
  area.scrollTop = area.scrollHeight;
}

// A page that begins with a quote keeps the draft that was there, and brings the quote once.
function begun() {
  const here = new URL(location.href);
  if (!here.searchParams.has("quote")) return;
  here.searchParams.delete("quote");
  history.replaceState(history.state, "", here);
  const quoted = field()?.value;
  if (!quoted) return;
  field().value = draft.mine()?.text ?? "";
  if (field().value) keyField().value = draft.mine().key;
  add(quoted);
}

// A copy of a tab begins with nothing: the text, and the key it is sent with, are the other's.
export function begin() {
  if (!writes()) return;
  form().reset();
  keyField().value = keyField().defaultValue;
  prepare();
}

document.addEventListener("input", ({ target }) => {
  if (target === field()) keep();
});

// Only an answer that brings a fresh composer says that the message is stored.
swaps.before("news", ({ ctx, tasks }) => {
  if (ctx.sourceElement.id !== "composer") return;
  const stored = ctx.response.status < 300 && tasks.some((task) => task.type === "partial" && task.target?.id === "composer");
  if (!stored) return;
  draft.keep("");
  write("hint", "known");
  ctx.stored = true;
});

function arrive() {
  if (shown === place()) return;
  shown = place();
  restore();
  prepare();
}

swaps.after("composer", ({ ctx }) => {
  arrive();
  if (ctx.sourceElement.id !== "composer" || !form()) return;
  if (!ctx.stored) keep();
  prepare();
  if (types.matches || ctx.stored) field().focus({ preventScroll: true });
});

arrive();
begun();
