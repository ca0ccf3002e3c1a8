// An open search stays true: what the stream tells of is not put into the list but asked about, and the
// answer becomes what the stream would have brought.
import { onClose } from "../web/slots.js";
import * as swaps from "../web/swaps.js";
import { count, end, id, seq, shown } from "./hits.js";
import * as question from "./question.js";

let list = document.getElementById("board");

const copies = ({ fragment }) => [...fragment.querySelectorAll("li[data-id]")];

// A deletion needs no asking, and an answer to the reader's own edit is about what is shown.
function hold(tasks, source) {
  const styles = source.id === "stream" ? ["upsert", "outerHTML"] : ["upsert"];
  const news = tasks.filter(({ swapSpec }) => styles.includes(swapSpec.style));
  for (const task of news) tasks.splice(tasks.indexOf(task), 1);
  question.askAbout(news.flatMap(copies).map(id));
}

// A copy in place of each that is shown, and deletions.
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
    if (!question.isAbout(id(item)) || found.some((copy) => copy.id === item.id)) continue;
    if (item.querySelector(".slot form")) item.dataset.left = "";
    else add("delete", item);
  }
}

// The answer to an edit knows nothing of the search: its marks come here, and what says that it is a reply, to what.
function mark(item, copy) {
  const [old, marked] = [item, copy].map((each) => each.querySelector(".text"));
  if (old.innerHTML !== marked.innerHTML) old.replaceWith(marked);
  const [had, line] = [item, copy].map((each) => each.querySelector(".thread-line"));
  if (had || !line) return;
  item.querySelector(".message-head > .time").before([...copy.querySelectorAll(".message-head > .tag")].at(-1));
  (item.querySelector(".unfold") ?? item.querySelector(".text")).after(line);
}

// What matches no longer stays as long as somebody has its form open.
function release() {
  const left = [...document.querySelectorAll("#messages > [data-left]:not(:has(.slot form))")];
  for (const item of left) delete item.dataset.left;
  question.askAbout(left.map(id));
}

swaps.before("search", ({ ctx, tasks }) => {
  if (list.dataset.query === undefined || tasks.some(({ fragment }) => fragment.querySelector("#board"))) return;
  if (!question.isAnswer(ctx)) return hold(tasks, ctx.sourceElement);
  const line = tasks.map(({ fragment }) => fragment.querySelector("[data-down-to]")).find(Boolean);
  if (!line) return;
  question.reach(Number(line.dataset.downTo));
  take(tasks, ctx.sourceElement);
});

swaps.after("search", () => {
  if (list !== document.getElementById("board")) question.begin();
  list = document.getElementById("board");
  count();
  release();
});

onClose(release);
