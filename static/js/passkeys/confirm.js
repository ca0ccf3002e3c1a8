// The page that asks again who one is: a passkey says so, and what was wanted goes on.
import "../web/main.js";
import { ready } from "./button.js";
import { prove } from "./passkey.js";

ready(document.querySelectorAll("form[data-passkey]"), async (form) => {
  await prove("/api/passkey/confirm");
  if (form.method === "post") form.submit();
  else location.replace(form.action);
});
