// The page of invitations: the link that was made, with the address that this browser knows the board by.
import "../web/main.js";
import "../web/copies.js";

const field = document.querySelector("[data-address]");

if (field) {
  field.value = new URL(field.value, location.href).href;
  document.querySelector("[data-relative]")?.remove();
}
