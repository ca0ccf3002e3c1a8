// The rail can be put away on wide screens, and stays as it was left: web/early.js draws it so.
import { write } from "./storage.js";

const { dataset } = document.documentElement;
const toggle = document.getElementById("rail-toggle");

function show() {
  toggle.ariaExpanded = String(dataset.rail !== "closed");
}

toggle.addEventListener("click", () => {
  if (dataset.rail) delete dataset.rail;
  else dataset.rail = "closed";
  write("rail", dataset.rail ?? null);
  show();
});

show();
