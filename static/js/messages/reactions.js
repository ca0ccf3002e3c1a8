// Reactions in place: an emoji under a message puts one's own there, or takes it back.
import * as swaps from "../web/swaps.js";

const FAILED = "Your reaction could not be sent. Check the network and try again.";
const { user } = document.body.dataset;

export const palette = document.getElementById("palette");   // none for who only reads

let put = null;   // what was chosen of the palette: it has the focus once it is there

const chips = (item) => [...item.querySelectorAll(".reaction[data-by]")];
const isMine = (chip) => chip.dataset.by.split(" ").includes(user);
const ofEmoji = (item, emoji) => chips(item).find((chip) => chip.dataset.key === emoji);

export function has(item, emoji) {
  const chip = ofEmoji(item, emoji);
  return Boolean(chip) && isMine(chip);
}

// Beside the message, whatever is open in it; a message that has gone needs no words.
function tell(id, words) {
  const item = document.getElementById(id);
  let line = item?.querySelector("[data-refused]");
  if (words) put = null;
  if (!line && words && item) {
    line = document.createElement("p");
    line.className = "error";
    line.setAttribute("role", "alert");
    line.dataset.refused = "";
    item.querySelector(".actions, .reactions").before(line);
  }
  if (line) line.textContent = words;
}

// Two requests that change nothing the second time, rather than one that changes whatever is there.
export function send(item, emoji) {
  const removal = has(item, emoji);
  const path = `${document.getElementById("board").dataset.api}/message/${item.dataset.id}/reaction${removal ? "/removal" : ""}`;
  tell(item.id, "");
  htmx.ajax("POST", path, { source: palette, swap: "none", values: { emoji }, reactsOn: item.id });
  put = removal ? null : { id: item.id, emoji };
}

// Where those who reacted are too many to say, the page says it to all but the first.
function mark() {
  for (const chip of chips(document)) {
    if ("more" in chip.dataset && !isMine(chip)) continue;
    chip.setAttribute("role", "button");
    chip.ariaPressed = String(isMine(chip));
  }
}

function follow() {
  const item = put && document.getElementById(put.id);
  const chip = item && ofEmoji(item, put.emoji);
  if (!chip || !isMine(chip)) return;
  put = null;
  if (document.activeElement === document.body || item.contains(document.activeElement)) chip.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const chip = event.target.closest?.(".reaction[aria-pressed]");
  if (!chip || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  send(chip.closest("[data-id]"), chip.dataset.key);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches(".reaction[role=button]")) return;
  event.preventDefault();
  event.target.click();
});

// What was refused is told in words; what was done comes as others get it.
swaps.before("expected", ({ ctx, tasks }) => {
  const main = ctx.reactsOn && tasks.find(({ type }) => type === "main");
  if (!main) return;
  tasks.length = 0;
  ctx.title = "";
  tell(ctx.reactsOn, main.fragment.querySelector("[data-words]")?.textContent ?? FAILED);
});

palette?.addEventListener("htmx:error", ({ detail: { ctx } }) => tell(ctx.reactsOn, FAILED));

if (palette) {
  swaps.after("arrange", mark);
  swaps.after("focus", follow);
  mark();
}
