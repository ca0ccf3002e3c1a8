// The tab's title: what is open beside the page, what the page shows, and what is unread.
const title = { beside: "", words: document.title, news: "" };

export function entitle(change) {
  const { beside, words, news } = Object.assign(title, change);
  const opened = beside && `${beside} · `;
  if (words.startsWith(opened)) title.words = words.slice(opened.length);   // a page that came with it
  document.title = `${news && `${news} `}${opened}${title.words}`;
}
