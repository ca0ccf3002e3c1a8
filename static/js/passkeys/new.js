// The page that makes a passkey.
import "../web/main.js";
import { ready } from "./button.js";
import { make } from "./passkey.js";

ready(document.querySelectorAll("form[data-passkey]"), async (form) => {
  if (!form.reportValidity()) return;
  form.elements.passkey.value = await make(JSON.parse(form.dataset.options));
  form.submit();
});
