import { texts } from "./texts.js";

const SECONDS = { good: 6, info: 6, warning: 10, bad: 12 };

/** Show a short word at the edge of the page. Returns the element. */
export function toast(text, tone = "info") {
  const box = document.createElement("div");
  box.className = `toast-card toast-${tone}`;
  box.setAttribute("role", tone === "bad" ? "alert" : "status");
  const words = document.createElement("span");
  words.className = "toast-text";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.dataset.closesToast = "";
  close.setAttribute("aria-label", texts.close ?? "Close");
  close.textContent = "×";
  box.append(words, close);
  document.getElementById("toasts")?.append(box);
  return box;
}

function watch(box) {
  if (box.dataset.stays !== undefined) return;
  const tone = [...box.classList].find((name) => name in { "toast-good": 1, "toast-info": 1, "toast-warning": 1, "toast-bad": 1 });
  let left = (SECONDS[tone?.slice(6)] ?? 8) * 1000;
  // What can be undone stays longer, and nothing goes while somebody is reading or pointing at it.
  if (box.querySelector("form")) left = Math.max(left, 15000);
  let timer = setTimeout(() => box.remove(), left);
  const hold = () => clearTimeout(timer);
  const go = () => {
    timer = setTimeout(() => box.remove(), 4000);
  };
  box.addEventListener("pointerenter", hold);
  box.addEventListener("focusin", hold);
  box.addEventListener("pointerleave", go);
  box.addEventListener("focusout", go);
}

const region = document.getElementById("toasts");
if (region) {
  region.querySelectorAll(".toast-card").forEach(watch);
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) if (node.classList?.contains("toast-card")) watch(node);
  }).observe(region, { childList: true });
}

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-closes-toast]")?.closest(".toast-card")?.remove();
});
// A view may announce something with the header HX-Trigger: {"toast": {"text": …, "tone": …}}.
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
