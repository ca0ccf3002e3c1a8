// What follows on signing out by hand, or on the end of the account.
import { draftsOf } from "../web/drafts.js";
import * as storage from "../web/storage.js";

// Whoever signed out by hand leaves no draft behind, and no tab that shows one.
function forget(user) {
  for (const key of draftsOf(user)) storage.write(key, null);
  storage.write("left", `${user} ${Date.now()}`);
  storage.write("leaving", null, "session");
}

const user = storage.read("leaving", "session");
if (user) forget(user);
