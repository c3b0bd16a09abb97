// Small things: search on "/" (the page's own box first), copy, theme, and selects that send their form.
import { texts } from "./texts.js";
import { toast } from "./toast.js";

const typing = (el) => el.closest?.("input, textarea, select, [contenteditable='true']");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !typing(event.target)) {
    const box = document.querySelector("[data-search-first]") ?? document.querySelector("[data-search]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select?.();
  }
  if (event.key === "Escape" && event.target.matches?.("[data-search]")) {
    event.target.value = "";
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
    event.target.blur();
  }
});

// From the search box into its results and back with the arrow keys.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const box = event.target.closest?.("[data-search-area]");
  if (!box) return;
  const stops = [box.querySelector("[data-search]"), ...box.querySelectorAll("[data-search-hits] a")];
  const at = stops.indexOf(document.activeElement);
  const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-prints]")) window.print();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copies]");
  if (!button) return;
  const from = button.dataset.copies;
  const source = from ? document.getElementById(from) : button;
  const text = source?.tagName === "TABLE" ? tableText(source) : (button.dataset.value ?? source.textContent.trim());
  try {
    await navigator.clipboard.writeText(text);
    toast(texts.copied, "good");
  } catch {
    toast(texts.copy_failed, "warning");
  }
});

const tableText = (table) =>
  [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join("\t")).join("\n");

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-theme-choice-button]");
  if (!button) return;
  document.dispatchEvent(new CustomEvent("regulars:choose-theme", { detail: button.dataset.themeChoiceButton }));
  pressTheme();
});

function pressTheme() {
  const choice = document.documentElement.dataset.themeChoice;
  for (const button of document.querySelectorAll("[data-theme-choice-button]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeChoiceButton === choice));
}
pressTheme();

// A select sends its form, but for the choice that asks for days: those are typed first. Days that
// are not asked for stay out of the address.
const showDays = (select) => {
  const days = document.getElementById(select.dataset.showsCustom);
  days.hidden = select.value !== "custom";
  for (const input of days.querySelectorAll("input")) input.disabled = days.hidden;
};
document.querySelectorAll("[data-shows-custom]").forEach(showDays);
document.addEventListener("change", (event) => {
  const teller = event.target.closest?.("[data-shows-custom]");
  if (teller) showDays(teller);
  const sender = event.target.closest?.("[data-sends]");
  if (sender && !(teller && teller.value === "custom")) sender.form.requestSubmit();
});

// The door into a workspace follows itself: a form may not lead to another host, a link may.
const FOLLOW_MS = 1500; // long enough to read where one is led
const follow = () => {
  const door = document.querySelector("a[data-follows]");
  if (door) setTimeout(() => location.assign(door.href), FOLLOW_MS);
};
document.addEventListener("htmx:after:swap", follow);
follow();

// Where more tabs are than fit, the one we are on is in view.
const showTab = () => {
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const bar = tab.parentElement;
    bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.clientWidth) / 2;
  }
};
document.addEventListener("htmx:after:swap", showTab);
showTab();
