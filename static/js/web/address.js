// Addresses of this board, which may lie below a path.
export const base = document.documentElement.dataset.base;

export function address(path, query) {
  return base + path + (query ? `?${new URLSearchParams(query)}` : "");
}
