// The composer, and the one of a thread: its draft outlives every accident, and only an answer that says so empties it.
import { read, write } from "../web/storage.js";
import * as swaps from "../web/swaps.js";
import * as draft from "./draft.js";
import { fit, types } from "./writing.js";

const KEYS = { composer: draft.key, reply: draft.keyOfReply };   // where the draft of each is kept

const places = () => Object.keys(KEYS).map((id) => document.getElementById(id)).filter(Boolean);
const isForm = (place) => place?.localName === "form";   // not for who only reads
const form = () => document.querySelector("form#composer");
export const keyOf = (place) => KEYS[place.id](place);
const fieldOf = (place) => place.elements.message;
const keyField = (place) => place.elements.client_key;
const keep = (place) => draft.keep(fieldOf(place).value, keyField(place).value, keyOf(place));
const forget = (place) => draft.keep("", "", keyOf(place));

const shown = {};   // each place as it was last made ready

export const writes = () => Boolean(form());
export const field = () => document.getElementById("composer-text");

// Who may write no more still has what they were writing.
function restore(place) {
  const saved = draft.parsed(keyOf(place));
  if (!saved?.text || (isForm(place) && fieldOf(place).value)) return;
  if (isForm(place)) {
    fieldOf(place).value = saved.text;
    keyField(place).value = saved.key;
  } else {
    const unsent = place.querySelector("[data-unsent]");
    unsent.querySelector(".text").textContent = saved.text;
    unsent.hidden = false;
  }
}

function prepare(place) {
  if (!isForm(place)) return;
  const hint = place.querySelector("#composer-hint");
  if (hint) hint.hidden = !types.matches || read("hint") === "known";
  fit(fieldOf(place));
}

// The text of a tab that is gone joins what is written here.
export function join({ text, key }) {
  if (!field().value) keyField(form()).value = key;
  field().value = [field().value, text].filter(Boolean).join("\n");
  keep(form());
  prepare(form());
}

// A copy of a tab begins with nothing: the text, and the key it is sent with, are the other's.
export function begin() {
  if (!writes()) return;
  form().reset();
  keyField(form()).value = keyField(form()).defaultValue;
  prepare(form());
}

document.addEventListener("input", ({ target }) => {
  if (target.matches(".composer-text")) keep(target.form);
});

// Only an answer that brings a fresh composer says that the message is stored.
swaps.before("news", ({ ctx, tasks }) => {
  const { id } = ctx.sourceElement;
  if (!(id in KEYS)) return;
  const stored = ctx.response.status < 300 && tasks.some((task) => task.type === "partial" && task.target?.id === id);
  if (!stored) return;
  forget(ctx.sourceElement);
  write("hint", "known");
  ctx.stored = id;
});

// So does one to a thread that was closed meanwhile, which is put nowhere.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const { sourceElement: source, response, text } = ctx;
  if (source.id === "reply" && !source.isConnected && response.status < 300 && text.includes('id="reply"')) forget(source);
});

function arrive() {
  for (const place of places()) {
    if (shown[place.id] === place) continue;
    shown[place.id] = place;
    restore(place);
    prepare(place);
  }
}

swaps.after("composer", ({ ctx }) => {
  arrive();
  const place = document.getElementById(ctx.sourceElement.id);
  if (!(place?.id in KEYS) || !isForm(place)) return;
  if (!ctx.stored) keep(place);
  prepare(place);
  const { body, activeElement: at } = document;
  const isElsewhere = at !== body && !place.contains(at);   // one has gone on meanwhile
  if ((types.matches || ctx.stored) && !isElsewhere) fieldOf(place).focus({ preventScroll: true });
});

arrive();
