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

// Who signs out by hand leaves no draft behind; the sign-in page that follows sees to it.
function leaving(user) {
  const key = `board${document.documentElement.dataset.base}.leaving`;
  try {
    if (user) sessionStorage.setItem(key, user);
    else sessionStorage.removeItem(key);
  } catch { /* then there are no drafts either */ }
}

const LEAVES = 'form[action$="/api/logout"], form[action$="/sessions/end"], form[data-leaves]';
document.addEventListener("submit", ({ target }) => {
  if (target.matches(LEAVES)) leaving(document.body.dataset.user);
});
leaving(null);
