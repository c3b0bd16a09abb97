// Words and pictures over a bad connection. A form with data-uploads is sent from the page, so that
// nothing that was typed or chosen goes when an answer is lost: it is sent again with the same
// stamp, and the server takes it once. Without this script the form is a plain form.
import { forget } from "./drafts.js";
import { texts } from "./texts.js";
import { toast } from "./toast.js";

const bytes = (size) => `${(size / 1e6).toFixed(1)} MB`;

// What is too much is said before anything is sent.
function check(input) {
  const most = Number(input.dataset.most);
  const largest = Number(input.dataset.mostBytes);
  const files = [...input.files];
  const fault =
    files.length > most ? input.dataset.tooMany : files.some((file) => file.size > largest) ? input.dataset.tooLarge : "";
  const list = input.closest(".field")?.querySelector("[data-pictures-chosen]");
  if (list) {
    list.replaceChildren(
      ...files.map((file) => {
        const line = document.createElement("li");
        line.textContent = `${file.name} · ${bytes(file.size)}`;
        line.classList.toggle("is-refused", file.size > largest);
        return line;
      }),
    );
    list.hidden = !files.length;
  }
  input.setCustomValidity(fault);
  if (fault) input.reportValidity();
}
document.addEventListener("change", (event) => {
  if (event.target.matches?.("input[type=file][data-most]")) check(event.target);
});

function free(form) {
  delete form.dataset.busy;
  form.removeAttribute("aria-busy");
  form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
  const progress = form.querySelector("[data-upload-progress]");
  if (progress) progress.hidden = true;
}

// The page that says what is to be done takes the place of this one; the pictures come along, unless
// the server kept them: then the page shows them.
function swap(form, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("content");
  if (!fresh) return false;
  const kept = [...form.querySelectorAll("input[type=file]")].filter((input) => input.files.length);
  document.getElementById("content").replaceWith(fresh);
  for (const input of fresh.querySelector("[data-pictures-kept]") ? [] : kept) {
    const next = [...fresh.querySelectorAll("input[type=file]")].find((each) => each.name === input.name);
    if (!next) continue;
    next.files = input.files;
    check(next);
    fresh.querySelectorAll(".complaining-lost").forEach((note) => note.remove());
  }
  (fresh.querySelector('[aria-invalid="true"]') ?? fresh).focus();
  fresh.scrollIntoView();
  return true;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  // Out of sight of the listeners that ran before: what is busy already or offline never comes here.
  if (form.dataset.uploads === undefined || event.defaultPrevented) return;
  event.preventDefault();
  const failed = () => {
    free(form);
    toast(navigator.onLine ? form.dataset.failed : texts.offline, "warning");
  };
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (step) => {
    const progress = form.querySelector("[data-upload-progress]");
    if (!progress || !step.lengthComputable || step.total < 200_000) return;
    progress.hidden = false;
    progress.querySelector("progress").value = (100 * step.loaded) / step.total;
  });
  request.addEventListener("error", failed);
  request.addEventListener("abort", failed);
  request.addEventListener("timeout", failed);
  request.addEventListener("load", () => {
    if (request.status >= 200 && request.status < 300) {
      if (form.dataset.draft) forget(form.dataset.draft);
      location.assign(request.responseURL);
    } else if (request.status >= 500 || !swap(form, request.responseText)) failed();
  });
  request.send(new FormData(form, event.submitter));
});
