// The menu works without this; with it, it closes as menus do.
const menu = document.querySelector(".menu");

document.addEventListener("click", ({ target }) => {
  if (!menu.contains(target) || target.closest(".menu-item")) menu.open = false;
});

menu.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
