// Where no stream tells of it, a page asks now and then what is unread: all pages but those of rooms, and these,
// too, while they are hidden and hold none.
import { look } from "./rooms.js";

const POLL_MS = 30000;

const follows = () => !document.hidden && document.getElementById("stream");

async function poll() {
  if (follows() || await look() !== 401) return;
  clearInterval(timer);
  document.dispatchEvent(new Event("signed-out"));
}

let timer = setInterval(poll, POLL_MS);

document.addEventListener("visibilitychange", () => {
  clearInterval(timer);
  timer = setInterval(poll, POLL_MS);
  if (!document.hidden) look();
});
