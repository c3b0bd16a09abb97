// A sample page in a colour that is not saved yet. The policy forbids style attributes, so the
// colours come as data and are set here; the well of all colours and the field follow each other.
const PARTS = ["accentLight", "onAccentLight", "accentDark", "onAccentDark"];
const asProperty = (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const dress = () => {
  for (const sample of document.querySelectorAll("[data-accent-light]"))
    for (const part of PARTS) sample.style.setProperty(asProperty(part), sample.dataset[part]);
};
document.addEventListener("htmx:after:swap", dress);
dress();

const wells = () => document.querySelectorAll("[data-colour-well]");
wells().forEach((well) => (well.hidden = false));
const pickOwn = (form) => {
  form.elements.pick.value = "own";
};
document.addEventListener("input", (event) => {
  const well = event.target.closest?.("[data-colour-well]");
  if (well) {
    document.getElementById(well.dataset.colourWell).value = well.value;
    pickOwn(well.form);
    return;
  }
  for (const each of wells())
    if (event.target.id === each.dataset.colourWell) {
      pickOwn(each.form);
      if (/^#[0-9a-f]{6}$/i.test(event.target.value)) each.value = event.target.value;
    }
});
