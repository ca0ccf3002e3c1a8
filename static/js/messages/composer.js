// Writing: Enter sends, the counter counts as the server does, and a draft outlives every accident.
const WARN_AT = 50;
const types = matchMedia("(hover: hover) and (pointer: fine)");

const form = () => document.getElementById("composer");
const field = () => document.getElementById("composer-text");
const keyField = () => form().elements.client_key;
const codePoints = (text) => [...text.replace(/\r\n?/g, "\n")].length;

const keep = () => board.draft.keep(field().value, keyField().value);

function restore() {
  const saved = board.draft.mine();
  if (field().value || !saved?.text) return;
  field().value = saved.text;
  keyField().value = saved.key;
}

function count(area) {
  const place = area.form.querySelector(".count");
  const left = Number(area.dataset.limit) - codePoints(area.value);
  place.hidden = left > WARN_AT;
  place.toggleAttribute("data-over", left < 0);
  place.textContent = left < 0 ? `${-left} too many` : `${left} left`;
  if (left === WARN_AT || left === 0 || left === -1) board.say(`${place.textContent} of ${area.dataset.limit} characters`);
}

function grow(area) {
  if (CSS.supports("field-sizing", "content")) return;
  for (area.rows = 1; area.rows < 6 && area.scrollHeight > area.clientHeight; area.rows += 1);
}

function prepare() {
  document.getElementById("composer-hint").hidden = !types.matches || board.read("hint") === "known";
  count(field());
  grow(field());
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("textarea[data-limit]")) return;
  count(target);
  grow(target);
  target.removeAttribute("aria-invalid");
  target.form.querySelector("[data-error]").textContent = "";   // it was about the text before
  if (target === field()) keep();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || !types.matches) return;
  if (!event.target.matches("textarea[data-limit]")) return;
  event.preventDefault();
  if (!event.repeat) event.target.form.requestSubmit();
});

// Only an answer that brings a fresh composer says that the message is stored.
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  if (ctx.sourceElement.id !== "composer") return;
  const stored = ctx.response.status < 300 && tasks.some((task) => task.type === "partial" && task.target?.id === "composer");
  if (!stored) return;
  board.draft.keep("");
  board.write("hint", "known");
  ctx.stored = true;
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.id !== "composer" || !form()) return;
  if (!ctx.stored) keep();
  prepare();
  if (types.matches || ctx.stored) field().focus({ preventScroll: true });
});

// The text of a tab that is gone joins what is written here.
document.addEventListener("restore", ({ detail: { text, key } }) => {
  if (!field().value) keyField().value = key;
  field().value = [field().value, text].filter(Boolean).join("\n");
  keep();
  prepare();
});

// A copy of a tab begins with nothing: the text, and the key it is sent with, are the other's.
document.addEventListener("copied", () => {
  form().reset();
  keyField().value = keyField().defaultValue;
  prepare();
});

if (form()) {
  restore();
  prepare();
}
