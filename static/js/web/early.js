// What a page must know before it is drawn. It is no module: those run after that.
try {
  const { dataset } = document.documentElement;
  if (localStorage.getItem(`board${dataset.base}.rail`)) dataset.rail = "closed";
} catch { /* storage is forbidden: the rail is shown */ }
