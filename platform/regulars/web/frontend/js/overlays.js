// Dialogs, drawers, menus and popovers are the browser's own elements; this adds what they lack:
// opening by attribute, the focus going back where it was, closing by a tap outside.
const dialogOf = (id) => document.getElementById(id);

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  if (opener) {
    const dialog = dialogOf(opener.dataset.opens);
    if (dialog && !dialog.open) {
      dialog.returnTo = opener;
      dialog.showModal();
      event.preventDefault();
    }
    return;
  }
  const closer = event.target.closest?.("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
  // The backdrop belongs to the dialog element itself; its content is in a box inside.
  else if (event.target.tagName === "DIALOG" && event.target.open) event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener(
  "close",
  (event) => {
    event.target.returnTo?.focus?.();
    delete event.target.returnTo;
    delete event.target.dataset.shows; // closed by hand: the next answer must not open it again
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  const items = [...menu.querySelectorAll("a[href], button:not([disabled])")];
  const at = items.indexOf(document.activeElement);
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (event.key === "ArrowDown") items[(at + 1) % items.length]?.focus();
  else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length]?.focus();
  else return;
  event.preventDefault();
});

// A popover stands under its button where there is room, else above, and never outside the page.
document.addEventListener(
  "toggle",
  (event) => {
    const pop = event.target;
    if (event.newState !== "open" || !pop.matches?.("[popover].define-pop")) return;
    const button = document.querySelector(`[popovertarget="${CSS.escape(pop.id)}"]`);
    const from = button.getBoundingClientRect();
    const size = pop.getBoundingClientRect();
    const left = Math.min(Math.max(8, from.left - 12), innerWidth - size.width - 8);
    const below = from.bottom + 8 + size.height < innerHeight;
    pop.style.left = `${left}px`;
    pop.style.top = `${below ? from.bottom + 8 : Math.max(8, from.top - size.height - 8)}px`;
  },
  true,
);

// A dialog that came with the answer of htmx opens by itself.
document.addEventListener("htmx:after:swap", () => {
  document.querySelectorAll("dialog[data-shows]:not([open])").forEach((dialog) => dialog.showModal());
});
