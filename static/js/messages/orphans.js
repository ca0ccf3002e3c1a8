// Drafts whose tab is gone: each is offered, never imposed.
import { address } from "../web/address.js";
import { belongsTo, draftsOf } from "../web/drafts.js";
import { empty } from "../web/slots.js";
import { onChange, prefix, read, write } from "../web/storage.js";
import * as composer from "./composer.js";
import * as draft from "./draft.js";

const ASK_MS = 400;   // how long the other tabs may take to say that they are there
const { user } = document.body.dataset;
const place = document.getElementById("orphan");
const channel = new BroadcastChannel(`${prefix}drafts`);
const living = new Set([draft.tab]);   // the open tabs, whichever room they show

function isOrphan(at) {
  const { tab, room, thread } = belongsTo(at);
  return !thread && room === draft.room && !living.has(tab);
}

function orphans() {
  const kept = draftsOf(user).filter(isOrphan).map((at) => ({ at, ...draft.parsed(at) })).filter(({ text }) => text);
  return kept.sort((one, other) => (other.kept ?? 0) - (one.kept ?? 0));
}

function offer() {
  const [orphan] = orphans();
  place.hidden = !orphan || !composer.writes();
  place.dataset.at = orphan?.at ?? "";
  place.querySelector("[data-text]").textContent = orphan?.text ?? "";
}

function restore() {
  const orphan = draft.parsed(place.dataset.at);
  if (orphan) composer.join(orphan);
  discard();
}

function discard() {
  write(place.dataset.at, null);
  offer();
  document.getElementById("composer-text")?.focus();
}

channel.addEventListener("message", ({ data: { asks, tab, page } }) => {
  if (asks) channel.postMessage({ tab: draft.tab, page: draft.page });
  else if (tab === draft.tab && page !== draft.page) {   // this tab is a copy of that one
    draft.becomeAnotherTab();
    composer.begin();
  }
  living.add(tab).add(draft.tab);
  if (!place.hidden) offer();
});

onChange((key) => {
  if (key === "left" && read("left")?.split(" ")[0] === user) {
    empty();
    location.replace(address("/"));
  } else if (!place.hidden) offer();
});

place.querySelector("[data-restore]").addEventListener("click", restore);
place.querySelector("[data-discard]").addEventListener("click", discard);

channel.postMessage({ asks: true, tab: draft.tab, page: draft.page });
setTimeout(offer, ASK_MS);
