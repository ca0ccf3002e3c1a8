// Where drafts are kept: one for each tab and room, by its user. Those of the first room name none, as before 0.6;
// those of before 0.3.1 belong to no tab. That of a reply is the same in all tabs.
import { keys } from "./storage.js";

const FIRST = "board";

export const draftOf = (user, tab, room) => ["draft", user, tab, ...(room === FIRST ? [] : [room])].join(".");
export const replyOf = (user, room, thread) => ["draft", user, "", room, thread].join(".");
export const draftsOf = (user) => keys().filter((key) => `${key}.`.startsWith(`draft.${user}.`));

export function belongsTo(key) {
  const [, , tab, room = FIRST, thread] = key.split(".");
  return { tab, room, thread };
}
