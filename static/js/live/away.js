// While the page is hidden it holds no stream: it asks now and then what is unread, and the tab says so.
import { look } from "../web/rooms.js";
import { signInAgain } from "./list.js";

const POLL_MS = 30000;

let timer = 0;

async function poll() {
  if (await look() !== 401) return;
  clearInterval(timer);
  signInAgain();
}

function change() {
  clearInterval(timer);
  if (document.hidden) timer = setInterval(poll, POLL_MS);
}

document.addEventListener("visibilitychange", () => {
  change();
  if (!document.hidden) look();
});
change();
