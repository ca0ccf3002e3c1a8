// Writing: Enter sends, and the counter counts as the server does.
import { say } from "../web/voice.js";

const WARN_AT = 100;
const MOST_LINES = 10;
export const types = matchMedia("(hover: hover) and (pointer: fine)");

const isText = (element) => element.matches("textarea[data-limit]");
const codePoints = (text) => [...text.replace(/\r\n?/g, "\n")].length;

function count(area) {
  const place = area.form.querySelector(".count");
  const left = Number(area.dataset.limit) - codePoints(area.value);
  place.hidden = left > WARN_AT;
  place.toggleAttribute("data-over", left < 0);
  place.textContent = left < 0 ? `${-left} too many` : `${left} left`;
  if (left === WARN_AT || left === 0 || left === -1) say(`${place.textContent} of ${area.dataset.limit} characters`);
}

function grow(area) {
  if (CSS.supports("field-sizing", "content")) return;
  for (area.rows = 1; area.rows < MOST_LINES && area.scrollHeight > area.clientHeight; area.rows += 1);
}

export function fit(area) {
  count(area);
  grow(area);
}

document.addEventListener("input", ({ target }) => {
  if (!isText(target)) return;
  fit(target);
  target.removeAttribute("aria-invalid");
  target.form.querySelector("[data-error]").textContent = "";   // it was about the text before
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || !types.matches || !isText(event.target)) return;
  event.preventDefault();
  if (!event.repeat) event.target.form.requestSubmit();
});
