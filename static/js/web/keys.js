// Keys that an input method takes are no commands: no other file hears of them. Safari tells of its
// last one by the code alone, after the composition has ended.
const COMPOSING = 229;

addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === COMPOSING) event.stopImmediatePropagation();
}, { capture: true });
