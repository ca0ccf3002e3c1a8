// While the page is hidden it holds no stream: it asks now and then, and the title counts.
import { address } from "../web/address.js";
import { entitle } from "../web/title.js";
import * as connection from "./connection.js";
import { signInAgain } from "./list.js";

const POLL_MS = 30000;

let cursor = null;
let count = 0;
let timer = 0;

async function poll() {
  const answer = await fetch(address(`${document.getElementById("board").dataset.api}/messages`, { after: cursor }), { headers: { Accept: "application/json" } });
  if (answer.status === 401) return leave();
  if (answer.status === 404) return clearInterval(timer);   // the stream tells once the page is shown
  if (!answer.ok) return;
  const news = await answer.json();
  cursor = news.cursor;
  if (!document.hidden || news.resync) return;
  count += news.events.filter(fromOthers).length;
  entitle({ news: count });
}

function fromOthers({ kind, message }) {
  return kind === "posted" && message && !message.removed && message.author !== document.body.dataset.name;
}

function leave() {
  clearInterval(timer);
  signInAgain();
}

function change() {
  clearInterval(timer);
  if (document.hidden) {
    cursor = connection.cursor();
    timer = setInterval(() => poll().catch(() => {}), POLL_MS);
  } else {
    count = 0;
    entitle({ news: count });
  }
}

document.addEventListener("visibilitychange", change);
change();
