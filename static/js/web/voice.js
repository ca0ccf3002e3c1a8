// One polite voice for those who listen. The latest words win: they get one sentence every few seconds,
// not a queue of them.
const PAUSE_MS = 4000;

let waiting = "";
let resting = false;

function speak() {
  document.getElementById("announcer").textContent = waiting;
  resting = waiting !== "";
  waiting = "";
  if (resting) setTimeout(speak, PAUSE_MS);
}

export function say(words) {
  waiting = words;
  if (!resting) speak();
}
