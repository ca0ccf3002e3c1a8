// An open search stays true. Only the server knows what matches: so what the stream tells of is not
// put into the list but asked for, with all else that changed, once a second at most.
const PAUSE_MS = 1000;
const LONGEST_MS = 30000;

let list = document.getElementById("board");
let pending = new Set();   // ids of messages that changed
let asked = null;          // those that the request under way is about,
let before = 0;            // which asks for what is below this id
let reached = 0;           // and tells of all down to this one
let failures = 0;
let last = -Infinity;
let timer = 0;

const place = () => document.getElementById("matches");
const id = (item) => Number(item.dataset.id);
const seq = (item) => Number(item.dataset.seq);
const shown = () => [...document.querySelectorAll("#messages > li")];
const copies = ({ fragment }) => [...fragment.querySelectorAll("li[data-id]")];
const isMore = () => Boolean(document.querySelector("#older a"));
// Below the last one shown nothing is missing yet: it comes with the older ones.
const end = () => (isMore() ? Math.min(...shown().map(id)) : 0);
const wanted = (floor = end()) => [...pending].filter((number) => number >= floor);

function schedule() {
  if (timer || asked || document.hidden || !place() || !wanted().length) return;
  const pause = Math.min(PAUSE_MS * 2 ** failures, LONGEST_MS);
  timer = setTimeout(ask, Math.max(0, last + pause - performance.now()));
}

function ask() {
  const ids = wanted();
  timer = 0;
  if (document.hidden || !ids.length) return;
  [asked, before, reached, last] = [ids, Math.max(...ids) + 1, Infinity, performance.now()];
  for (const number of ids) pending.delete(number);   // what changes from now on may not be in the answer
  htmx.trigger(place(), "catch-up", {}, false);
}

function settle(signedOut) {
  for (const number of asked) if (number < reached) pending.add(number);
  asked = null;
  failures = reached === Infinity ? failures + 1 : 0;
  if (!signedOut) schedule();   // a new sign-in brings a new list
}

function begin() {
  clearTimeout(timer);
  pending.clear();
  [timer, asked, failures] = [0, null, 0];
}

// A deletion needs no asking, and an answer to the reader's own edit is about what is shown.
function hold(tasks, source) {
  const styles = source.id === "stream" ? ["upsert", "outerHTML"] : ["upsert"];
  const news = tasks.filter(({ swapSpec }) => styles.includes(swapSpec.style));
  for (const copy of news.flatMap(copies)) pending.add(id(copy));
  for (const task of news) tasks.splice(tasks.indexOf(task), 1);
  schedule();
}

// What the answer brings becomes what the stream brings: a copy in place of each, and deletions.
function take(tasks, sourceElement) {
  const add = (style, target, ...nodes) => {
    const fragment = document.createDocumentFragment();
    fragment.append(...nodes);
    tasks.push({ type: "partial", fragment, target, swapSpec: { style }, sourceElement });
  };
  const floor = end();
  const found = tasks.flatMap(copies);
  for (const copy of found) {
    const item = document.getElementById(copy.id);
    if (item || id(copy) < floor) copy.remove();
    if (item && seq(item) < seq(copy)) add("outerHTML", item, copy);
    else if (item && seq(item) === seq(copy)) mark(item, copy);
  }
  for (const item of shown()) {
    if (id(item) < reached || id(item) >= before || found.some((copy) => copy.id === item.id)) continue;
    if (item.querySelector(".slot form")) item.dataset.left = "";
    else add("delete", item);
  }
}

// The answer to an edit knows nothing of the search: its marks come here.
function mark(item, copy) {
  const [old, marked] = [item, copy].map((each) => each.querySelector(".text"));
  if (old.innerHTML !== marked.innerHTML) old.replaceWith(marked);
}

function count() {
  const line = document.querySelector("[data-found]");
  const number = shown().length;
  if (!line) return;
  if (isMore()) line.textContent = `More than ${number} messages found`;
  else if (number === 1) line.textContent = "One message found";
  else line.textContent = number ? `${number} messages found` : "";
}

// What matches no longer stays as long as somebody has its form open.
function release() {
  for (const item of document.querySelectorAll("#messages > [data-left]:not(:has(.slot form))")) {
    delete item.dataset.left;
    pending.add(id(item));
  }
  schedule();
}

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement !== place()) return;
  ctx.request.action = `${document.documentElement.dataset.base}/msgs/matches?${new URLSearchParams({ q: list.dataset.query, before })}`;
});

// Before all others that listen: what they see is as if the stream had brought it.
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  if (list.dataset.query === undefined || tasks.some(({ fragment }) => fragment.querySelector("#board"))) return;
  if (ctx.sourceElement !== place()) return hold(tasks, ctx.sourceElement);
  const line = tasks.map(({ fragment }) => fragment.querySelector("[data-down-to]")).find(Boolean);
  if (!line) return;
  reached = Number(line.dataset.downTo);
  take(tasks, ctx.sourceElement);
}, { capture: true });

document.addEventListener("htmx:after:swap", () => {
  if (list !== document.getElementById("board")) begin();
  list = document.getElementById("board");
  count();
  release();
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (asked && ctx.sourceElement === place()) settle(ctx.response?.status === 401);
});

document.addEventListener("closed", release);
document.addEventListener("visibilitychange", schedule);
