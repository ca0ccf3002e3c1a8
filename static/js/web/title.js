// The tab's title: what the page shows, and how much came while nobody looked.
const title = { words: document.title, news: 0 };

export function entitle(change) {
  const { words, news } = Object.assign(title, change);
  document.title = news ? `(${news}) ${words}` : words;
}
