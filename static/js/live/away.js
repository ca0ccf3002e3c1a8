// While the page is hidden it holds no stream: it asks now and then, and the title counts.
const POLL_MS = 30000;
const { base } = document.documentElement.dataset;

let cursor = null;
let count = 0;
let timer = 0;

async function poll() {
  const answer = await fetch(`${base}/api/messages?after=${encodeURIComponent(cursor)}`, { headers: { Accept: "application/json" } });
  if (answer.status === 401) return leave();
  if (!answer.ok) return;
  const news = await answer.json();
  cursor = news.cursor;
  if (!document.hidden || news.resync) return;
  count += news.events.filter(fromOthers).length;
  board.entitle({ news: count });
}

function fromOthers({ kind, message }) {
  return kind === "posted" && message && message.author !== document.body.dataset.name;
}

function leave() {
  clearInterval(timer);
  document.dispatchEvent(new CustomEvent("signed-out"));
}

function change() {
  clearInterval(timer);
  if (document.hidden) {
    cursor = board.cursor();
    timer = setInterval(() => poll().catch(() => {}), POLL_MS);
  } else {
    count = 0;
    board.entitle({ news: count });
  }
}

document.addEventListener("visibilitychange", change);
change();
