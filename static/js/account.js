// Shortcuts belong to the browser in hand, so the choice is kept there.
const box = document.getElementById("shortcuts-on");

box.checked = board.read("shortcuts") !== "off";
box.addEventListener("change", () => board.write("shortcuts", box.checked ? null : "off"));
document.getElementById("shortcuts-choice").hidden = false;
