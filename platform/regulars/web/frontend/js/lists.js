// A list that is worked through: by keys, with a choice of rows, and with news that do not disturb.
const OFF = "keys-off";
const NOT_TYPED_IN = "input:is([type='checkbox'],[type='radio'],[type='button'],[type='submit'])";
const list = () => document.querySelector("[data-keys]");
const rows = () => [...(list()?.querySelectorAll("[data-row]") ?? [])].filter((row) => row.checkVisibility());
const boxes = () => [...(list()?.querySelectorAll("[data-row] input[type='checkbox']") ?? [])];
const isTyping = (el) => el.closest?.("input, textarea, select, [contenteditable='true']") && !el.matches(NOT_TYPED_IN);
const isOff = () => localStorage.getItem(OFF) !== null;
const say = (pattern, value = "") => {
  const status = document.getElementById("complaint-status");
  if (status && pattern) status.textContent = pattern.replace("%s", value);
};

let at = ""; // the row that was reached last
const here = () => document.activeElement?.closest?.("[data-row]") ?? document.getElementById(at);
const reach = (row) => {
  if (!row) return;
  at = row.id;
  row.querySelector("[data-row-link]").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
};
const step = (by) => {
  const all = rows();
  const now = all.indexOf(here());
  reach(now < 0 ? all[by > 0 ? 0 : all.length - 1] : all[now + by]);
};

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: () => here()?.querySelector("input[type='checkbox']")?.click(),
  "?": () => {
    const help = document.getElementById("keys-help");
    help.returnTo = document.activeElement;
    help.showModal();
  },
};
document.addEventListener("keydown", (event) => {
  if (!list() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || isOff() || document.querySelector("dialog[open]")) return;
  const row = event.target.closest?.("[data-row]");
  if (event.key === "Enter" && row && event.target.matches("[type='checkbox']")) {
    event.preventDefault();
    row.querySelector("[data-row-link]").click();
  } else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

// What is chosen: how many, said where it is seen and where it is heard.
const count = (isSaid) => {
  const box = list();
  const told = box?.querySelector("[data-chosen]");
  if (!told) return;
  const all = boxes();
  const chosen = all.filter((each) => each.checked).length;
  told.textContent = box.dataset.saidChosen.replace("%s", chosen);
  const every = box.querySelector("[data-picks-all]");
  if (every) every.checked = chosen > 0 && chosen === all.length;
  if (isSaid) say(box.dataset.saidChosen, chosen);
};
document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches?.("[data-keys-on]")) {
    if (target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "");
  }
  if (!target.closest?.("[data-keys]")) return;
  if (target.matches("[data-picks-all]")) for (const each of boxes()) each.checked = target.checked;
  if (target.type === "checkbox") count(true);
});
addEventListener("pageshow", () => {
  count(false);
  const box = document.querySelector("[data-keys-on]");
  if (box) box.checked = !isOff();
});

// News: rows are patched in place, so focus, choice and scrolling stay; where the row with the
// focus has gone, the one that took its place gets it.
const NOTHING = 204;
const isNews = (event) => event.detail.ctx?.sourceElement?.matches?.("[data-keys]");
let place = -1;
document.addEventListener("htmx:before:request", (event) => {
  if (isNews(event) && document.hidden) event.preventDefault();
});
document.addEventListener("htmx:before:swap", () => {
  const row = document.activeElement?.closest?.("[data-row]");
  place = row ? rows().indexOf(row) : -1;
});
document.addEventListener("htmx:after:swap", (event) => {
  if (!list() || event.detail.ctx?.response?.status === NOTHING) return;
  count(false);
  const all = rows();
  if (place >= 0 && all.length && !document.activeElement?.closest?.("[data-row]"))
    all[Math.min(place, all.length - 1)].querySelector("[data-row-link]").focus({ preventScroll: true });
  if (isNews(event)) say(list().dataset.saidNews);
});
