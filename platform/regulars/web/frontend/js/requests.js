// One tap does one thing, a fault is said in words, and a session that ended leads to sign-in.
import { texts } from "./texts.js";
import { toast } from "./toast.js";

const WRITES = /^(POST|PUT|PATCH|DELETE)$/i;
const SLOW_MS = 8000;

const markBusy = (form, submitter) => {
  form.dataset.busy = "";
  form.setAttribute("aria-busy", "true");
  submitter?.classList.add("is-busy");
};
const markFree = (form) => {
  delete form.dataset.busy;
  form.removeAttribute("aria-busy");
  form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
};

// Pages of faults carry the sentence that says what to do; htmx does not swap them in.
const sentenceOf = (html, otherwise = texts.fault) =>
  new DOMParser().parseFromString(html ?? "", "text/html").querySelector(".entry-lead")?.textContent ?? otherwise;
// Somebody who goes on typing meets the same refusal at every key.
const toastOnce = (text, tone) => {
  const shown = [...document.querySelectorAll("#toasts .toast-text")].some((each) => each.textContent === text);
  if (!shown) toast(text, tone);
};

// Plain forms. Capture, so that a second submit is stopped before anybody else hears of it.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.dataset.busy !== undefined) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const ours = form.matches("[hx-post],[hx-put],[hx-patch],[hx-delete],[hx-get],[data-queue]");
    if (ours || form.method === "get" || form.method === "dialog") return;
    if (!navigator.onLine) {
      event.preventDefault();
      toast(texts.offline, "warning");
      return;
    }
    markBusy(form, event.submitter);
    setTimeout(() => form.dataset.busy !== undefined && toast(texts.slow, "info"), SLOW_MS);
  },
  true,
);
// Coming back with the browser's back button finds the page as it was left: free it.
addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(markFree));

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.request.form ?? ctx.sourceElement;
  // What is asked by POST only because it is long keeps no form from being sent.
  if (!WRITES.test(ctx.request.method) || ctx.sourceElement.closest?.("[data-reads]")) return;
  if (form.dataset.busy !== undefined) event.preventDefault();
  else {
    markBusy(form, ctx.request.submitter ?? ctx.sourceElement);
    ctx.busy = form;
  }
});
document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.busy) markFree(ctx.busy);
});
document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  const { status } = ctx.response;
  const asking = ctx.sourceElement;
  if (asking?.dataset?.quiet !== undefined) {
    if (status >= 500) return;
    // It is no longer ours to see, and asking again every few seconds changes nothing.
    const still = asking.cloneNode(true);
    still.removeAttribute("hx-get");
    asking.replaceWith(still);
  }
  if (status === 401) {
    toast(texts.signed_out, "warning");
    setTimeout(() => location.reload(), 1200);
  } else if (status === 403) toastOnce(sentenceOf(ctx.text, texts.forbidden), "bad");
  else if (status === 404 || status === 410) toast(texts.gone, "warning");
  else if (status === 429) toastOnce(sentenceOf(ctx.text), "warning");
  else if (status >= 500) toast(texts.fault, "bad");
});
document.addEventListener("htmx:error", (event) => {
  // What asks by itself says nothing: the bar at the edge tells that we are offline.
  if (event.detail.ctx?.sourceElement?.dataset?.quiet !== undefined) return;
  if (!event.detail.ctx?.response) toast(navigator.onLine ? texts.fault : texts.offline, "warning");
});
// After a fault in a form the first marked field gets the focus, so that a reader hears it.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.response?.status === 422)
    document.querySelector('[aria-invalid="true"]')?.focus();
});
if (document.querySelector("main [aria-invalid='true']"))
  document.querySelector("main [aria-invalid='true']").focus();
