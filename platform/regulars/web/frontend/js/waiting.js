// A result is never lost and never counted twice. A form with data-queue goes into a queue on this
// device, with the key it was made with, and is sent from there: at once, or when the net, the
// server or the session is back. The queue of one person is sent by nobody else.
import { forget } from "./drafts.js";
import { texts } from "./texts.js";
import { toast } from "./toast.js";

const person = document.body.dataset.person ?? "";
const PREFIX = `queue:${person}:`;
const SENT = `sent:${person}`;
const PATIENCE_MS = 15000;
const AGAIN_MS = 20000;
const KEPT_SENT = 40;
const KEPT_MS = 7 * 86400000; // as long as drafts
const isStale = (at) => !(Date.now() - at < KEPT_MS);

const read = (name) => {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
};
const write = (name, value) => {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false; // full or forbidden: what was typed stays in the form
  }
};
const every = () => {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => ({ ...read(name), name }))
      .filter((entry) => entry.url)
      .sort((one, other) => one.at - other.at);
  } catch {
    return [];
  }
};
const waiting = () => every().filter((entry) => !entry.refused);
const drop = (entry) => localStorage.removeItem(entry.name);
const sent = () => (read(SENT) ?? []).filter((each) => !isStale(each.at));
const sentKeys = () => sent().map((each) => each.key);

// What nobody came back for goes after a week, also that of others who used this device. Only what
// is still to be sent for this person stays: that is about to happen.
function expire() {
  for (const name of Object.keys(localStorage)) {
    const isQueue = name.startsWith("queue:");
    if (!isQueue && !name.startsWith("sent:")) continue;
    const kept = read(name);
    const isToSend = name.startsWith(PREFIX) && kept?.url && !kept.refused;
    if (!isToSend && isStale(isQueue ? kept?.at : kept?.at(-1)?.at)) localStorage.removeItem(name);
  }
}

let token = JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"];
let isSignedOut = false;

// Somebody who signed in anew, perhaps in another tab, has another token than this page.
async function renewToken() {
  const page = await fetch(document.location.origin + "/today/", { redirect: "manual" });
  if (!page.ok) return false;
  const body = new DOMParser().parseFromString(await page.text(), "text/html").body;
  if (body.dataset.person !== person) return false;
  token = JSON.parse(body.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"];
  return true;
}

const ask = (entry, atOnce) =>
  fetch(entry.url, {
    method: "POST",
    redirect: "manual", // we are answered in JSON: what leads elsewhere leads to the sign-in page
    signal: AbortSignal.timeout(PATIENCE_MS),
    headers: { Accept: "application/json", "X-CSRFToken": token },
    body: new URLSearchParams([
      ...new URLSearchParams(entry.body),
      ["person", person],
      ...(atOnce ? [["at_once", "yes"]] : []), // then the next page says that it was recorded
    ]),
  });

const sentenceOf = async (answer) => {
  const text = await answer.text();
  try {
    return JSON.parse(text).sentence;
  } catch {
    const page = new DOMParser().parseFromString(text, "text/html");
    return page.querySelector(".entry-lead")?.textContent ?? texts.fault;
  }
};

/** Send one; returns {taken, next}, {refused}, {signedOut} or {} when it is to be tried again. */
async function send(entry, atOnce) {
  try {
    let answer = await ask(entry, atOnce);
    if (answer.status === 403 && (await renewToken())) answer = await ask(entry, atOnce);
    if (answer.type === "opaqueredirect" || answer.status === 401) return { signedOut: true };
    if (answer.ok) return { taken: true, ...(await answer.json()) };
    if (answer.status >= 500 || answer.status === 429) return {};
    return { refused: await sentenceOf(answer) };
  } catch {
    return {};
  }
}

/** Send one and write down what came of it. */
async function settle(entry, atOnce = false) {
  const came = await send(entry, atOnce);
  isSignedOut = Boolean(came.signedOut);
  if (came.taken) {
    write(SENT, [...sent(), { key: entry.key, at: Date.now() }].slice(-KEPT_SENT));
    drop(entry);
    forget(entry.draft);
  } else if (came.refused) write(entry.name, { ...entry, name: undefined, refused: came.refused });
  return came;
}

async function sendAll() {
  const taken = [];
  for (const entry of waiting()) {
    const came = await settle(entry);
    if (!came.taken && !came.refused) break;
    if (came.taken) taken.push(entry);
  }
  // What was sent from here is shown as the server has it, and the way to the next one with it.
  if (taken.some(formOf)) document.location.reload();
  else if (taken.length) toast(texts.queue_sent, "good");
  show();
}

// Of several tabs one sends; where they cannot agree, the key still makes it happen once.
const alone = (work) =>
  navigator.locks ? navigator.locks.request(PREFIX, work) : work();
let isSending = false;
async function flush() {
  if (isSending || !navigator.onLine || !waiting().length) return;
  isSending = true;
  try {
    await alone(sendAll);
  } finally {
    isSending = false;
  }
}

const bar = document.getElementById("waiting");
const formOf = (entry) =>
  [...document.querySelectorAll("form[data-queue]")].find(
    (form) => new URL(form.action).pathname === entry.url,
  );

function show() {
  const left = waiting();
  const refused = every().filter((entry) => entry.refused);
  if (bar) {
    bar.hidden = !left.length;
    bar.querySelector("[data-waiting-words]").textContent = texts.waiting.replace("%s", left.length);
    bar.querySelector("[data-waiting-hint]").textContent = isSignedOut ? texts.waiting_signed_out : "";
    bar.querySelectorAll("[data-sends-waiting]").forEach((button) => (button.hidden = isSignedOut));
    bar.querySelectorAll("[data-signs-in]").forEach((door) => (door.hidden = !isSignedOut));
  }
  for (const form of document.querySelectorAll("form[data-queue]")) {
    const kept = left.some((entry) => formOf(entry) === form);
    form.querySelector("[data-queue-body]").inert = kept;
    form.querySelector("[data-queued]").hidden = !kept;
  }
  refused.forEach(tell);
}

// A refusal stands at its form; elsewhere it is told, with the note, which nobody should retype.
function tell(entry) {
  const form = formOf(entry);
  const place = form?.querySelector("[data-refusal]");
  if (place) {
    place.textContent = entry.refused;
    place.hidden = false;
    place.focus();
    drop(entry);
    return;
  }
  if (document.querySelector(`[data-refused="${CSS.escape(entry.key)}"]`)) return;
  const note = new URLSearchParams(entry.body).get("note");
  const box = toast([entry.refused, note && `“${note}”`].filter(Boolean).join(" "), "bad");
  box.dataset.refused = entry.key;
  box.dataset.stays = "";
  const link = document.createElement("a");
  link.className = "btn btn-sm";
  link.href = entry.page;
  link.textContent = texts.look;
  box.querySelector(".toast-text").after(link);
  box.querySelector(".toast-close").addEventListener("click", () => drop(entry));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.clearsDrafts !== undefined) {
    // Signing out leaves nothing here but what is still to be sent.
    every().filter((entry) => entry.refused).forEach(drop);
    localStorage.removeItem(SENT);
  }
  if (form.dataset.queue === undefined || !person) return;
  event.preventDefault();
  if (form.dataset.busy !== undefined) return;
  const data = new FormData(form, event.submitter);
  data.delete("csrfmiddlewaretoken");
  const key = data.get("once");
  const entry = {
    key,
    name: PREFIX + key,
    url: new URL(form.action).pathname,
    page: document.location.pathname,
    body: new URLSearchParams(data).toString(),
    draft: form.dataset.draft,
    at: Date.now(),
  };
  form.dataset.busy = "";
  form.setAttribute("aria-busy", "true");
  event.submitter?.classList.add("is-busy");
  form.querySelector("[data-refusal]").hidden = true;
  const isKept = write(entry.name, { ...entry, name: undefined });
  const came = navigator.onLine ? await alone(() => settle(entry, true)) : {};
  if (came.taken) {
    document.location.assign(came.next);
    return;
  }
  free(form);
  if (!isKept && !came.refused) toast(texts.offline, "warning");
  show();
  if (isKept && !came.refused) form.querySelector("[data-queued]").scrollIntoView({ block: "center" });
});

function free(form) {
  delete form.dataset.busy;
  form.removeAttribute("aria-busy");
  form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-sends-waiting]")) flush();
  const change = event.target.closest?.("[data-takes-back]");
  if (!change) return;
  const form = change.closest("form");
  for (const entry of waiting().filter((each) => formOf(each) === form)) {
    // The first may have arrived without our hearing of it: the same key keeps it one.
    form.elements.once.value = entry.key;
    drop(entry);
  }
  show();
});

// Back to a page that the browser kept: what was sent from it is not offered again.
addEventListener("pageshow", (event) => {
  const forms = [...document.querySelectorAll("form[data-queue]")];
  const isOld = forms.some((form) => sentKeys().includes(form.elements.once.value));
  const [visit] = performance.getEntriesByType("navigation");
  const isBack = event.persisted || visit?.type === "back_forward";
  if (isBack && isOld && navigator.onLine) document.location.reload();
  else forms.forEach(free);
  show();
});
addEventListener("storage", (event) => event.key?.startsWith(PREFIX) && show());
addEventListener("online", flush);
document.addEventListener("visibilitychange", () => document.hidden || flush());
try {
  expire();
} catch {
  // Without storage nothing waits, and nothing is to go.
}
if (person) {
  setInterval(flush, AGAIN_MS);
  show();
  flush();
}
