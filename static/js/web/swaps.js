// What htmx puts into the page goes through these stages, in this order. Only this file listens to swaps:
// the others join the stages they have something to do in, and those of one stage need not know each other.

// What is about to be put in place can still be looked at, changed and dropped.
const BEFORE = [
  "search",     // an open search holds back what the stream brings, and asks what of it matches
  "late",       // what is older than what is shown is dropped, and what has gone stays away
  "expected",   // an answer that is not what was asked for becomes words beside it
  "list",       // a new list is followed from its own cursor
  "reader",     // where the reader is: the focus, and the message at the top of the screen
  "order",      // it is put into the order of the page
  "news",       // what is left is going to be shown: new messages are counted, a draft that was sent goes
];

const AFTER = [
  "arrange",    // what came depends on what is beside it: headings of days, open forms, the time zone
  "focus",      // the focus goes on from what has gone
  "scroll",     // the page holds still
  "composer",   // the composer is made ready
  "search",     // the address, the title and the count follow what is found
];

// A listener for each stage: an error in one does not keep the others from running.
function staged(event, names) {
  const stages = new Map(names.map((name) => [name, []]));
  for (const joined of stages.values()) {
    document.addEventListener(event, ({ target, detail }) => joined.forEach((react) => react({ target, ...detail })));
  }
  return (name, react) => stages.get(name).push(react);
}

export const before = staged("htmx:before:swap", BEFORE);   // react({ target, ctx, tasks })
export const after = staged("htmx:after:swap", AFTER);      // react({ target, ctx })
