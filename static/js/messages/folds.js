// Long texts are folded by the style sheet after some lines, where scripts run; what lies below can be had.
import * as swaps from "../web/swaps.js";

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => offer(target)));

const whole = new Set();   // ids of what was unfolded: it stays so when it comes anew

const button = (body) => body.nextElementSibling;
const idOf = (body) => body.closest("li[data-id]").id;

function offer(body) {
  button(body).hidden = body.scrollHeight <= body.clientHeight + 1;
}

function unfold(body) {
  whole.add(idOf(body));
  sizes.unobserve(body);
  body.classList.remove("folds");
  button(body).remove();
}

function arrange() {
  for (const body of document.querySelectorAll(".folds")) {
    if (whole.has(idOf(body))) unfold(body);
    else sizes.observe(body);
  }
}

document.addEventListener("click", ({ target }) => {
  const body = target.closest("[data-unfold]")?.previousElementSibling;
  if (!body) return;
  unfold(body);
  body.closest("article").focus({ preventScroll: true });
});

// The browser shows what it found on the page, or what got the focus, wherever that lies.
document.addEventListener("scroll", ({ target }) => {
  if (target.matches?.(".folds")) unfold(target);
}, { capture: true });

swaps.after("arrange", arrange);
arrange();
