// The menus work without this; with it, they close as menus do.
for (const menu of document.querySelectorAll(".menu")) {
  document.addEventListener("click", ({ target }) => {
    if (!menu.contains(target) || target.closest(".menu-item")) menu.open = false;
  });

  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
