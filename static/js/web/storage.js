// What this browser keeps for the board, which works without it: storage may be full or forbidden.
import { base } from "./address.js";

// Boards below other paths of the same origin share its storage.
export const prefix = `board${base}.`;
const stores = { local: () => localStorage, session: () => sessionStorage };

export function read(key, kind = "local") {
  try { return stores[kind]().getItem(prefix + key); } catch { return null; }
}

export function write(key, value, kind = "local") {
  try {
    if (value === null) stores[kind]().removeItem(prefix + key);
    else stores[kind]().setItem(prefix + key, value);
  } catch { /* full or forbidden */ }
}

export function keys() {
  try { return Object.keys(localStorage).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)); } catch { return []; }
}

// Another tab has changed something: with the key, if it is one of ours.
export function onChange(react) {
  addEventListener("storage", ({ key }) => react(key?.startsWith(prefix) ? key.slice(prefix.length) : null));
}
