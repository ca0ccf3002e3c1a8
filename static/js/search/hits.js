// The messages that an open search shows, and the line that counts them.
export const id = (item) => Number(item.dataset.id);
export const seq = (item) => Number(item.dataset.seq);
export const shown = () => [...document.querySelectorAll("#messages > li")];

const isMore = () => Boolean(document.querySelector("#older a"));

// Below the last one shown nothing is missing yet: it comes with the older ones.
export const end = () => (isMore() ? Math.min(...shown().map(id)) : 0);

export function count() {
  const line = document.querySelector("[data-found]");
  const number = shown().length;
  if (!line) return;
  if (isMore()) line.textContent = `More than ${number} messages found`;
  else if (number === 1) line.textContent = "One message found";
  else line.textContent = number ? `${number} messages found` : "";
}
