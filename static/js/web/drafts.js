// Where drafts are kept: one for each tab, by its user. Those of before 0.3.1 belong to no tab.
import { keys } from "./storage.js";

export const draftOf = (user, tab) => `draft.${user}.${tab}`;
export const draftsOf = (user) => keys().filter((key) => `${key}.`.startsWith(`draft.${user}.`));
