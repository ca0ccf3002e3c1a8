// Drafts: each tab keeps its own. One whose tab is gone is offered, never imposed.
const ASK_MS = 400;   // how long the other tabs may take to say that they are there
const own = `draft.${document.body.dataset.user}`;
const place = document.getElementById("orphan");
const channel = new BroadcastChannel(`${board.prefix}drafts`);
const page = name();

let tab = board.read("tab", "session") ?? name();   // outlives reloads and crashes, and is copied with a tab
const living = new Set();

const key = () => `${own}.${tab}`;

function name() {
  return Math.random().toString(36).slice(2);
}

function parsed(at) {
  try { return JSON.parse(board.read(at)); } catch { return null; }
}

// The key travels with the text: a message that was stored although its answer got lost is not stored twice.
function keep(text, clientKey) {
  board.write(key(), text ? JSON.stringify({ text, key: clientKey, kept: Date.now() }) : null);
}

// Those of before 0.3.1 belong to no tab.
function orphans() {
  const keys = board.keys().filter((at) => (at === own || at.startsWith(`${own}.`)) && !living.has(at.slice(own.length + 1)));
  const found = keys.map((at) => ({ at, ...parsed(at) })).filter(({ at, text }) => text && at !== key());
  return found.sort((one, other) => (other.kept ?? 0) - (one.kept ?? 0));
}

function offer() {
  const [orphan] = orphans();
  place.hidden = !orphan;
  place.dataset.at = orphan?.at ?? "";
  place.querySelector("[data-text]").textContent = orphan?.text ?? "";
}

function restore() {
  const orphan = parsed(place.dataset.at);
  if (orphan) document.dispatchEvent(new CustomEvent("restore", { detail: orphan }));
  discard();
}

function discard() {
  board.write(place.dataset.at, null);
  offer();
  document.getElementById("composer-text").focus();
}

channel.addEventListener("message", ({ data }) => {
  if (data.asks) channel.postMessage({ tab, page });
  if (data.tab === tab && !data.asks && data.page !== page) {   // this tab is a copy of that one
    tab = name();
    board.write("tab", tab, "session");
    document.dispatchEvent(new CustomEvent("copied"));
  }
  living.add(data.tab);
  if (!place.hidden) offer();
});

addEventListener("storage", ({ key: changed }) => {
  if (changed === `${board.prefix}left` && board.read("left")?.split(" ")[0] === document.body.dataset.user) location.replace(`${document.documentElement.dataset.base}/`);
  else if (!place.hidden) offer();
});

place.querySelector("[data-restore]").addEventListener("click", restore);
place.querySelector("[data-discard]").addEventListener("click", discard);

board.write("tab", tab, "session");
channel.postMessage({ asks: true, tab, page });
setTimeout(offer, ASK_MS);

board.draft = { keep, mine: () => parsed(key()) };
