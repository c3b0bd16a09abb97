// People and places: lists that narrow, fields that go with a role, the PIN pad, a week of hours,
// and a shared device that returns to its chooser when nobody touches it.
document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-narrows]");
  if (!box) return;
  const words = box.value.trim().toLowerCase();
  for (const choice of document.getElementById(box.dataset.narrows).querySelectorAll("label.check")) {
    const isChosen = choice.querySelector("input").checked;
    choice.hidden = !isChosen && !choice.textContent.toLowerCase().includes(words);
  }
});

const showFor = (select, attribute) => {
  for (const part of select.form.querySelectorAll(`[${attribute}]`))
    part.hidden = !part.getAttribute(attribute).split(" ").includes(select.value);
};
const showParts = () => {
  document.querySelectorAll("select[data-role]").forEach((each) => showFor(each, "data-for-roles"));
  document
    .querySelectorAll("form[data-ownership-form] select[name='ownership']")
    .forEach((each) => showFor(each, "data-for-ownership"));
};
document.addEventListener("change", showParts);
showParts();

// The pad is for fingers; a keyboard types into the field itself.
if (matchMedia("(pointer: coarse)").matches)
  document.querySelectorAll("[data-pin-pad]").forEach((pad) => (pad.hidden = false));
document.addEventListener("click", (event) => {
  const key = event.target.closest?.("[data-pin-key]")?.dataset.pinKey;
  if (key === undefined) return;
  const field = event.target.closest("form").querySelector("input[name='pin']");
  if (key === "clear") field.value = "";
  else if (key === "back") field.value = field.value.slice(0, -1);
  else if (field.value.length < field.maxLength) field.value += key;
});

document.querySelectorAll("[data-copies-week]").forEach((button) => (button.hidden = false));
document.addEventListener("click", (event) => {
  const form = event.target.closest?.("[data-copies-week]")?.form;
  if (!form) return;
  for (const from of form.querySelectorAll("input[name^='mon-']"))
    for (const day of ["tue", "wed", "thu", "fri", "sat", "sun"])
      form.elements[from.name.replace("mon", day)].value = from.value;
});

const idle = Number(document.body.dataset.idle);
if (idle) {
  let touched = Date.now();
  for (const sign of ["pointerdown", "keydown", "scroll", "touchstart"])
    addEventListener(sign, () => (touched = Date.now()), { passive: true, capture: true });
  setInterval(() => {
    if (Date.now() - touched > idle * 1000) location.assign(document.body.dataset.idleTo);
  }, 2000);
}
