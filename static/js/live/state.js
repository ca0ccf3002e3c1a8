// Whether what is shown is live, and the line in the header that says so.
const BLINK_MS = 1000;
const WORDS = { live: "Live", reconnecting: "Reconnecting", offline: "Offline", "signed-out": "Signed out", left: "Not in this room" };

const label = document.getElementById("live");

export const state = { mode: "following", connected: false };   // or "reloading", "signed-out", "left"

let wanted = "";
let blink = 0;

function name() {
  if (["signed-out", "left"].includes(state.mode)) return state.mode;
  if (state.connected) return "live";
  return navigator.onLine ? "reconnecting" : "offline";
}

function show() {
  if (label.dataset.state === wanted) return;   // the same words again would be read out again
  label.hidden = false;
  label.dataset.state = wanted;
  label.textContent = WORDS[wanted];
}

export function become(change) {
  Object.assign(state, change);
  if (name() === wanted) return;
  wanted = name();
  clearTimeout(blink);
  blink = setTimeout(show, label.hidden && state.connected ? 0 : BLINK_MS);
}
