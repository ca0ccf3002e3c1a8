// The page that asks again who one is: a passkey says so, and what was wanted goes on.
import "../web/main.js";
import { ready } from "./button.js";
import { prove } from "./passkey.js";

ready(document.querySelectorAll("form[data-passkey]"), async (form) => {
  const { session, session_before: before } = await prove("/api/passkey/confirm");
  form.action = form.action.replace(before, session);
  if (form.method === "post") form.requestSubmit();
  else location.replace(form.action);
});
