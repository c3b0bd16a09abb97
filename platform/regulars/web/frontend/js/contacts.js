// Reaching a customer: prepared words at one tap, a call that dials once it is reserved, and a
// conversation that stays at its newest message unless somebody reads further up.

// Words go into the box: in place of prepared ones that were not touched, else after what is typed.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-fills]");
  const box = button && document.getElementById(button.dataset.fills);
  if (!box) return;
  const typed = box.value.trim();
  const isOurs = !typed || typed === box.dataset.filled;
  box.value = isOurs ? button.dataset.value : `${box.value.trimEnd()}\n${button.dataset.value}`;
  box.dataset.filled = isOurs ? button.dataset.value : "";
  const fields = box.form.elements;
  if (fields.template) fields.template.value = isOurs ? (button.dataset.template ?? "") : "";
  if (fields.subject && button.dataset.subject) fields.subject.value = button.dataset.subject;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
});

// The number came with the answer that reserved the call: dial it, once.
document.addEventListener("htmx:after:swap", () => {
  const link = document.querySelector("a[data-dials]");
  if (!link) return;
  delete link.dataset.dials;
  location.assign(link.href);
});

const NEAR_PX = 120;
const thread = () => document.querySelector("[data-thread]");
const isAtEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
let before = null; // where somebody reads; null: at the newest message
document.addEventListener("htmx:before:swap", () => {
  const box = thread();
  before = !box || isAtEnd(box) ? null : box.scrollTop;
});
const settle = () => {
  const box = thread();
  if (box) box.scrollTop = before ?? box.scrollHeight;
};
document.addEventListener("htmx:after:swap", settle);
settle();

// Colleagues who have the same conversation open are told that somebody types; what, they are not.
document.addEventListener("input", (event) => {
  const mark = event.target.dataset?.tellsWriting && document.getElementById(event.target.dataset.tellsWriting);
  if (mark) mark.value = event.target.value.trim() ? "1" : "";
});
