// Where the newest message is: at the end of the page, or, where the newest come first, at its top.
const NEAR_PX = 64;   // as far from it, one still is there
const list = () => document.getElementById("board");
const page = document.scrollingElement;

export const newestFirst = () => list()?.dataset.order === "newest-first";

export const extent = () => page.scrollHeight - innerHeight;

// A question whether it is really you may stand in place of the list.
export function isThere() {
  if (!newestFirst()) return extent() - scrollY < NEAR_PX;
  return !(document.getElementById("messages")?.getBoundingClientRect().top < NEAR_PX);
}

export function goThere(behavior = "instant") {
  scrollTo({ top: newestFirst() ? 0 : page.scrollHeight, behavior });
}

export function newest() {
  const items = document.querySelectorAll("#messages article");
  return newestFirst() ? items[0] : items[items.length - 1];
}
