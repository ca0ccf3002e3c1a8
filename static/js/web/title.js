// The tab's title: what the page shows, and what is unread.
const title = { words: document.title, news: "" };

export function entitle(change) {
  const { words, news } = Object.assign(title, change);
  document.title = news ? `${news} ${words}` : words;
}
