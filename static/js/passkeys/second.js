// The second step of signing in, by a passkey.
import { base } from "../web/address.js";
import { ready } from "./button.js";
import { prove } from "./passkey.js";

ready(document.querySelectorAll("[data-passkey]"), async () => {
  await prove("/api/passkey/second");
  location.assign(`${base}/msgs`);
});
