// Who signs out by hand leaves no draft behind: the sign-in page that follows sees to it.
import { write } from "./storage.js";

const LEAVES = 'form[action$="/api/logout"], form[action$="/sessions/end"], form[data-leaves]';

document.addEventListener("submit", ({ target }) => {
  if (target.matches(LEAVES)) write("leaving", document.body.dataset.user, "session");
});
write("leaving", null, "session");
