// What the other files share: the title, storage that the browser may refuse, and one polite voice.
const PAUSE_MS = 4000;

// Boards below other paths of the same origin share its storage.
const prefix = `board${document.documentElement.dataset.base}.`;
const stores = { local: () => localStorage, session: () => sessionStorage };
const title = { words: document.title, news: 0 };

let waiting = "";
let resting = false;

function speak() {
  document.getElementById("announcer").textContent = waiting;
  resting = waiting !== "";
  waiting = "";
  if (resting) setTimeout(speak, PAUSE_MS);
}

window.board = {
  prefix,

  // The tab's title: what the page shows, and how much came while nobody looked.
  entitle(change) {
    const { words, news } = Object.assign(title, change);
    document.title = news ? `(${news}) ${words}` : words;
  },

  read(key, kind = "local") {
    try { return stores[kind]().getItem(prefix + key); } catch { return null; }
  },

  keys() {
    try { return Object.keys(localStorage).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)); } catch { return []; }
  },

  write(key, value, kind = "local") {
    try {
      if (value === null) stores[kind]().removeItem(prefix + key);
      else stores[kind]().setItem(prefix + key, value);
    } catch { /* storage is full or forbidden: the board works without it */ }
  },

  // The latest words win: a reader who listens gets one sentence every few seconds, not a queue of them.
  say(words) {
    waiting = words;
    if (!resting) speak();
  },
};
