// Follows the stream: tells its state, notices silence, and comes back after a resync or a new sign-in.
const BLINK_MS = 1000;
const RETRY_MS = 2000;
const CHECK_MS = 5000;
const SILENCE_MS = 60000;
const WORDS = { live: "Live", reconnecting: "Reconnecting", offline: "Offline", "signed-out": "Signed out" };

let mode = "following";   // or "reloading", or "signed-out"
let connection = null;
let connected = false;
let heard = Date.now();
let wanted = "";
let blink = 0;

const label = document.getElementById("live");
const banner = document.getElementById("signed-out");
const stream = () => document.getElementById("stream");
const isStream = (event) => event.target.id === "stream";
const wake = () => stream() && htmx.trigger(stream(), "wake", {}, false);
const reload = () => htmx.trigger(document.getElementById("board"), "refresh", {}, false);

board.cursor = () => connection?.lastEventId || stream()?.dataset.cursor;

function state() {
  if (mode === "signed-out") return "signed-out";
  if (connected) return "live";
  return navigator.onLine ? "reconnecting" : "offline";
}

function tell() {
  if (state() === wanted) return;
  wanted = state();
  clearTimeout(blink);
  blink = setTimeout(() => {
    if (label.dataset.state === wanted) return;   // the same words again would be read out again
    label.hidden = false;
    label.dataset.state = wanted;
    label.textContent = WORDS[wanted];
  }, label.hidden && connected ? 0 : BLINK_MS);
}

function signedOut() {
  mode = "signed-out";
  connected = false;
  connection?.reader?.cancel();
  banner.hidden = false;
  tell();
}

function resync() {
  mode = "reloading";
  connected = false;
  tell();
  reload();
}

// Before a new list is put in place: its stream connects meanwhile, and begins at its own cursor.
function follow(section, tasks) {
  if (section.dataset.user !== document.body.dataset.user) {
    tasks.length = 0;   // this page, with all its forms, is another user's
    return location.reload();
  }
  mode = "following";
  connection = null;
  banner.hidden = true;
  tell();
}

const on = (name, react) => document.addEventListener(name, react);

// A hidden page holds no connection, not even its first one.
on("htmx:before:request", (event) => {
  if (!isStream(event)) return;
  if (mode !== "following" || document.hidden) event.preventDefault();
  if (mode === "reloading") reload();
});

// A stream that starts anew goes on from where the page is, not from where the page began.
on("htmx:config:request", (event) => {
  if (!isStream(event)) return;
  const { zone, user } = document.getElementById("board").dataset;
  event.detail.ctx.request.action = `${document.documentElement.dataset.base}/api/events?${new URLSearchParams({ after: board.cursor(), zone, user })}`;
});

on("htmx:sse:before:connection", (event) => {
  if (!isStream(event)) return;
  connection = event.detail.connection;
  connected = false;
  if (mode !== "following" || document.hidden) event.preventDefault();
  tell();
});

on("htmx:sse:after:connection", (event) => {
  if (!isStream(event)) return;
  connected = true;
  heard = Date.now();
  // The reader is there a moment after this event.
  setTimeout(() => document.hidden && event.detail.connection.reader?.cancel());
  tell();
});

on("htmx:sse:before:message", () => { heard = Date.now(); });

on("htmx:sse:error", (event) => {
  connected = false;
  if (event.detail.status === 401) signedOut();
  tell();
});

// The extension retries a stream that broke, but never one whose first connection failed.
for (const name of ["htmx:error", "htmx:response:error"]) {
  on(name, (event) => {
    if (!isStream(event)) return;
    connected = false;
    setTimeout(wake, RETRY_MS * (1 + Math.random()));
    tell();
  });
}

// Whatever asked, the page stays, with all that has been written in it.
on("htmx:after:request", (event) => {
  if (event.detail.ctx.response.status !== 401) return;
  event.preventDefault();
  signedOut();
});

on("htmx:before:swap", ({ detail: { tasks } }) => {
  const [section] = tasks.map(({ fragment }) => fragment.querySelector("#board")).filter(Boolean);
  if (section) follow(section, tasks);
});
on("resync", resync);
// Somebody may have signed in again in this browser, which ended the session before.
on("signed-out", () => {
  signedOut();
  reload();
});
on("visibilitychange", () => {
  if (document.hidden) return;
  if (mode === "signed-out") reload();
  else wake();
});

window.addEventListener("storage", ({ key }) => {
  if (key === `${board.prefix}signed-in` && mode === "signed-out") reload();
});
window.addEventListener("online", () => connection?.delayCanceller?.());
window.addEventListener("offline", () => connection?.reader?.cancel());

setInterval(() => {
  if (connected && !document.hidden && Date.now() - heard > SILENCE_MS) connection.reader?.cancel();
}, CHECK_MS);

board.write("signed-in", String(Date.now()));
