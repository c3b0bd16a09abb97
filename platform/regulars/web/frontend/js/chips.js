// A chip that is chosen is let go by another tap: an answer nobody gave can be taken back.
let chosen = null;
const chipOf = (event) => event.target.closest?.(".as-chips label")?.querySelector("input[type=radio]");

document.addEventListener("pointerdown", (event) => {
  const radio = chipOf(event);
  chosen = radio?.checked && !radio.required ? radio : null;
});
document.addEventListener("click", (event) => {
  if (!chosen || event.target !== chosen) return;
  chosen.checked = false;
  chosen.dispatchEvent(new Event("input", { bubbles: true }));
  chosen = null;
});
