// The tablet at the counter: after thanks, or when nobody touches it, the first question again.
const kiosk = document.querySelector("[data-kiosk-back]");
if (kiosk) {
  let touched = Date.now();
  for (const sign of ["pointerdown", "keydown", "input", "scroll"])
    addEventListener(sign, () => (touched = Date.now()), { passive: true, capture: true });
  setInterval(() => {
    if (Date.now() - touched > Number(kiosk.dataset.kioskSeconds) * 1000) location.replace(kiosk.dataset.kioskBack);
  }, 500);
}
