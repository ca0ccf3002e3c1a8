// The pages on which somebody gets an account.
import "../web/answers.js";
import * as swaps from "../web/swaps.js";
import { chooseZone } from "../web/zone.js";

// A password is typed once: whoever wants to be sure looks at it.
function offerToReveal() {
  for (const box of document.querySelectorAll("[data-reveals]")) box.parentElement.hidden = false;
}

document.addEventListener("change", ({ target }) => {
  if (!target.dataset?.reveals) return;
  document.getElementById(target.dataset.reveals).type = target.checked ? "text" : "password";
});

function arrange() {
  chooseZone();
  offerToReveal();
}

swaps.after("arrange", arrange);
arrange();
