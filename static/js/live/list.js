// The list that the stream keeps up to date: it is loaded anew after a resync and a new sign-in.
import { empty } from "../web/slots.js";
import { onChange, write } from "../web/storage.js";
import * as swaps from "../web/swaps.js";
import { cut, use } from "./connection.js";
import { become, state } from "./state.js";

const COOKIE_MS = 1000;   // for the answer to a new sign-in to come, with the cookie

const banner = document.getElementById("signed-out");

export const reload = () => htmx.trigger(document.getElementById("board"), "refresh", {}, false);

export function signedOut() {
  become({ mode: "signed-out", connected: false });
  cut();
  banner.hidden = false;
}

// The reader sees the room no more. What the page holds stays: drafts may be in it.
export function left() {
  become({ mode: "left", connected: false });
  cut();
  document.getElementById("left").hidden = false;
}

// Somebody may have signed in again in this browser, which ended the session before: a stream may
// hear of that end sooner than the browser of the new session.
export function signInAgain() {
  signedOut();
  setTimeout(reload, COOKIE_MS);
}

// Before a new list is put in place: its stream connects meanwhile, and begins at its own cursor.
function follow(section, tasks) {
  if (section.dataset.user !== document.body.dataset.user) {
    tasks.length = 0;   // this page, with all its forms, is another user's
    empty();
    return location.reload();
  }
  banner.hidden = true;
  use(null);
  become({ mode: "following" });
}

swaps.before("list", ({ tasks }) => {
  const [section] = tasks.map(({ fragment }) => fragment.querySelector("#board")).filter(Boolean);
  if (section) follow(section, tasks);
});

// Where one writes is made anew with the list: once the room is archived or brought back, as its head says, and
// once its reader is in it or no more, as the rail does.
function makeAnew() {
  if (state.mode === "following") reload();
}

const isArchived = () => Boolean(document.querySelector("#room-head .tag"));
let archived = isArchived();

swaps.after("arrange", () => {
  if (isArchived() === archived) return;
  archived = !archived;
  if (archived !== (document.getElementById("writing").value === "archived")) makeAnew();
});

document.addEventListener("moved", makeAnew);

// Events that the stream names; for a fourth, `elsewhere`, see the list of rooms.
document.addEventListener("signed-out", signInAgain);
document.addEventListener("left", left);
document.addEventListener("resync", () => {
  become({ mode: "reloading", connected: false });
  reload();
});

// Whatever asked, the page stays, with all that has been written in it.
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx.response.status !== 401) return;
  event.preventDefault();
  signedOut();
});

onChange((key) => {
  if (key === "signed-in" && state.mode === "signed-out") reload();
});

write("signed-in", String(Date.now()));
