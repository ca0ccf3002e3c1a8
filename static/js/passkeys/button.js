// Buttons that ask a passkey: hidden until it is known that one can be asked here.
import { obstacle, words } from "./passkey.js";

// Lets the buttons of some places work: `act` is called with the place.
export function ready(places, act) {
  for (const place of places) {
    const why = obstacle(place.dataset);
    for (const hint of place.querySelectorAll("[data-when]")) hint.hidden = hint.dataset.when !== why;
    if (!why) listen(place, act);
  }
}

function listen(place, act) {
  const button = place.querySelector("[data-ask]");
  const error = place.querySelector("[data-wrong]");
  button.hidden = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    button.disabled = true;
    error.textContent = "";
    try {
      await act(place);
    } catch (failure) {
      error.textContent = words(failure);
    }
    button.disabled = false;
  });
}
