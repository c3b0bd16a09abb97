// Nothing typed is lost: forms with data-draft keep their fields on this device until the server
// has taken them. Keys carry the chain (by host) and the person; passwords and files are never kept.
import { texts } from "./texts.js";
import { toast } from "./toast.js";

const PREFIX = "draft:";
const DAYS = 7;
const person = document.body.dataset.person ?? "";
const keyOf = (form) => `${PREFIX}${person}:${form.dataset.draft}`;
const SKIPPED = new Set(["password", "file", "hidden", "submit", "button", "reset"]);
const fieldsOf = (form) =>
  [...form.elements].filter((el) => el.name && !SKIPPED.has(el.type) && el.dataset.noDraft === undefined);

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};
const write = (key, value) => {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage must not keep anybody from typing.
  }
};

const isTicked = (el) => el.type === "checkbox" || el.type === "radio";
const untouched = (el) => {
  if (isTicked(el)) return el.checked === el.defaultChecked;
  if (el.tagName !== "SELECT") return el.value === el.defaultValue;
  const preset = [...el.options].filter((option) => option.defaultSelected);
  return preset.length ? preset.every((option) => option.selected) : el.selectedIndex <= 0;
};

function save(form) {
  const changed = fieldsOf(form).filter((el) => !untouched(el));
  const key = keyOf(form);
  if (!changed.length) {
    localStorage.removeItem(key);
    return;
  }
  const values = changed.map((el) => [
    el.name,
    isTicked(el) ? `${el.value}\u0000${el.checked}` : el.multiple ? [...el.selectedOptions].map((o) => o.value) : el.value,
  ]);
  write(key, { at: Date.now(), values, sent: false });
}

/** Forget what was typed into the form of this name: the server has it. */
export function forget(name) {
  if (name) localStorage.removeItem(`${PREFIX}${person}:${name}`);
}

function restore(form) {
  const draft = read(keyOf(form));
  if (!draft) return;
  const fields = fieldsOf(form);
  let count = 0;
  for (const [name, value] of draft.values) {
    for (const el of fields.filter((field) => field.name === name && untouched(field))) {
      if (isTicked(el)) {
        const [own, checked] = value.split("\u0000");
        if (own !== el.value) continue;
        el.checked = checked === "true";
      } else if (el.multiple) [...el.options].forEach((o) => (o.selected = value.includes(o.value)));
      else el.value = value;
      if (!untouched(el)) count += 1;
    }
  }
  if (count) announce(form);
}

function announce(form) {
  const box = toast(texts.draft, "info");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm";
  button.textContent = texts.discard;
  button.addEventListener("click", () => {
    localStorage.removeItem(keyOf(form));
    form.reset();
    box.remove();
  });
  box.querySelector(".toast-text").after(button);
}

// A plain form was taken when its answer was a redirect that brought us here.
function settleSent() {
  const [visit] = performance.getEntriesByType("navigation");
  const arrived = visit?.type === "navigate" && visit.redirectCount > 0;
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
    const draft = read(key);
    const stale = !draft || Date.now() - draft.at > DAYS * 86400000;
    if (stale || (draft.sent && arrived)) localStorage.removeItem(key);
    else if (draft.sent) write(key, { ...draft, sent: false });
  }
}

let timer;
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (!form) return;
  clearTimeout(timer);
  timer = setTimeout(() => save(form), 250);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  clearTimeout(timer); // or it would keep what was taken meanwhile
  if (form.dataset.clearsDrafts !== undefined) {
    // Signing out of a shared tablet leaves nothing of a customer behind.
    Object.keys(localStorage)
      .filter((name) => name.startsWith(`${PREFIX}${person}:`))
      .forEach((name) => localStorage.removeItem(name));
  } else if (form.dataset.draft) {
    save(form);
    const draft = form.dataset.queue === undefined && read(keyOf(form)); // a queue says when it is taken
    if (draft) write(keyOf(form), { ...draft, sent: true });
  }
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement.closest?.("form[data-draft]");
  const isWrite = ctx.request.method !== "GET";
  if (form && isWrite && ctx.response.status < 300) localStorage.removeItem(keyOf(form));
});
document.addEventListener("htmx:after:swap", (event) => {
  event.target.querySelectorAll?.("form[data-draft]").forEach(restore);
});

try {
  settleSent();
  document.querySelectorAll("form[data-draft]").forEach(restore);
} catch {
  // Without storage there are no drafts, and nothing else changes.
}
