// A drop zone around a plain file input: without this script the input alone works as well.
const zoneOf = (event) => event.target.closest?.("[data-drop]");

const bytes = (size) => {
  const units = ["B", "kB", "MB", "GB"];
  const step = size ? Math.min(3, Math.floor(Math.log10(size) / 3)) : 0;
  return `${(size / 1000 ** step).toFixed(step ? 1 : 0)} ${units[step]}`;
};

function tell(zone) {
  const input = zone.querySelector("input[type=file]");
  const shown = zone.querySelector("[data-drop-chosen]");
  const [file] = input.files;
  const limit = Number(zone.dataset.limit || 0);
  const tooLarge = file && limit && file.size > limit;
  shown.hidden = !file;
  shown.textContent = file ? `${file.name} · ${bytes(file.size)}` : "";
  zone.classList.toggle("has-file", Boolean(file) && !tooLarge);
  zone.classList.toggle("is-refused", Boolean(tooLarge));
  input.setCustomValidity(tooLarge ? zone.dataset.tooLarge : "");
  if (tooLarge) input.reportValidity();
}

for (const name of ["dragenter", "dragover"])
  document.addEventListener(name, (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });
document.addEventListener("dragleave", (event) => {
  const zone = zoneOf(event);
  if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("is-over");
});
document.addEventListener("drop", (event) => {
  const zone = zoneOf(event);
  if (!zone) return;
  event.preventDefault();
  zone.classList.remove("is-over");
  const input = zone.querySelector("input[type=file]");
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("change", (event) => {
  const zone = event.target.matches?.("[data-drop] input[type=file]") && zoneOf(event);
  if (zone) tell(zone);
});
