// Follows the stream: begins it where the page is, and comes back when it breaks.
import { address } from "../web/address.js";
import { cursor, hear, stream, use } from "./connection.js";
import { left, reload, signedOut } from "./list.js";
import { become, state } from "./state.js";

const RETRY_MS = 2000;
const SPREAD_MS = 3000;   // all pages of a server that starts anew come back at once

let missed = false;   // whether hints at other rooms may have passed: unlike the room's own news, no cursor brings them

const wake = () => stream() && htmx.trigger(stream(), "wake", {}, false);

// A hidden page holds no connection, not even its first one.
const stays = () => state.mode === "following" && !document.hidden;

const on = (name, react) => document.addEventListener(name, (event) => event.target.id === "stream" && react(event));

on("htmx:before:request", (event) => {
  if (!stays()) event.preventDefault();
  if (state.mode === "reloading") reload();
});

// A stream that starts anew goes on from where the page is, not from where the page began.
on("htmx:config:request", ({ detail }) => {
  const { room, zone, hours, user } = document.getElementById("board").dataset;
  const role = document.getElementById("role").value;
  detail.ctx.request.action = address("/api/events", { room, after: cursor(), zone, hours, user, role });
});

on("htmx:sse:before:connection", (event) => {
  use(event.detail.connection);
  if (event.detail.connection.attempt) missed = true;
  if (!stays()) event.preventDefault();
  become({ connected: false });
});

on("htmx:sse:after:connection", ({ detail }) => {
  hear();
  // The reader is there a moment after this event.
  setTimeout(() => document.hidden && detail.connection.reader?.cancel());
  become({ connected: true });
  if (missed) setTimeout(() => document.dispatchEvent(new Event("elsewhere")), SPREAD_MS * Math.random());
  missed = false;
});

document.addEventListener("resync", () => { missed = true; });

on("htmx:sse:before:message", hear);

on("htmx:sse:error", ({ detail }) => {
  become({ connected: false });
  if (detail.status === 401) signedOut();
  if (detail.status === 404) left();
});

// The extension retries a stream that broke, but never one whose first connection failed.
for (const name of ["htmx:error", "htmx:response:error"]) {
  on(name, ({ detail }) => {
    if (detail.ctx?.response?.status === 404) return left();
    missed = true;
    setTimeout(wake, RETRY_MS * (1 + Math.random()));
    become({ connected: false });
  });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (state.mode === "signed-out") reload();
  else wake();
});
