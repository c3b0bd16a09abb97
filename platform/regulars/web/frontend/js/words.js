// A placeholder goes where the cursor was in the last field that takes them; the lint hears of it.
let last;
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("[data-takes-places]")) last = event.target;
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-inserts]");
  if (!button) return;
  const field = last?.isConnected ? last : document.querySelector("[data-takes-places]");
  if (!field) return;
  field.focus();
  field.setRangeText(button.dataset.inserts, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// What was restored from a draft is judged as if it had been typed, once htmx listens.
setTimeout(() => {
  for (const field of document.querySelectorAll("[data-takes-places]"))
    if (field.value !== field.defaultValue) field.dispatchEvent(new Event("input", { bubbles: true }));
}, 100);
