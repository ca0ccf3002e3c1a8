// Buttons that copy what a field holds.
for (const button of document.querySelectorAll("[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  const told = button.parentElement.querySelector("[data-copied]");
  button.parentElement.hidden = false;
  button.addEventListener("click", async () => {
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
      told.textContent = "Copied.";
    } catch {
      // Over plain HTTP a page may not: what is selected can be copied by hand.
      told.textContent = "Press Ctrl+C to copy it.";
    }
  });
}
