// A preview shows the text as it is: it goes with the next change.
document.addEventListener("input", ({ target }) => {
  if (target.id === "composer-text") document.getElementById("composer-preview").replaceChildren();
});
