// What is in a message, found again once the message has come anew: by its key, or by where it leads, if it can be seen.
const keyOf = (each) => each.dataset.key ?? each.getAttribute("href");

// The key of an element, then those of what stands in for it: what follows it in its list, then what is before it.
export function keysOf(element) {
  const list = [...(element.closest("ul")?.querySelectorAll("[data-key]") ?? [])];
  const at = list.indexOf(element);
  const beside = at < 0 ? [] : [...list.slice(at + 1), ...list.slice(0, at).reverse()];
  return [element, ...beside].map(keyOf).filter(Boolean);
}

export function find(item, keys) {
  const there = [...(item?.querySelectorAll("[data-key], [href]") ?? [])].filter((each) => each.checkVisibility());
  return keys.map((key) => there.find((each) => keyOf(each) === key)).find(Boolean);
}
