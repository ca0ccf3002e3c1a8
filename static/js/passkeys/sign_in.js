// The sign-in page, where a passkey can sign in.
import "../accounts/sign_in.js";
import { base } from "../web/address.js";
import { zone } from "../web/zone.js";
import { ready } from "./button.js";
import { prove } from "./passkey.js";

ready(document.querySelectorAll("[data-passkey]"), async () => {
  await prove("/api/passkey", { user_timezone: zone ?? "" });
  location.assign(`${base}/msgs`);
});
