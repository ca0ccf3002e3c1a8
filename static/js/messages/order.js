// What comes is in the order of the API, the newest first; it is put into that of the page. Replies are in their own,
// the oldest first.
import { newestFirst } from "../web/edge.js";
import * as swaps from "../web/swaps.js";

function turn(task) {
  task.fragment.replaceChildren(...[...task.fragment.children].reverse());
  task.swapSpec.style = "afterbegin";
}

swaps.before("order", ({ tasks }) => {
  for (const task of tasks) {
    if (task.swapSpec.style === "upsert") task.swapSpec.sort = task.target === "#messages" && newestFirst() ? "desc" : "asc";
    else if (task.swapSpec.style === "beforeend" && task.target?.id === "messages" && !newestFirst()) turn(task);
  }
});
