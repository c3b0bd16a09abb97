// The tablet at the counter: after thanks, or when nobody touches it, the first question again. What
// says so may come with a page that took the place of another (complaining.js).
if (document.body.classList.contains("survey-kiosk")) {
  let touched = Date.now();
  for (const sign of ["pointerdown", "keydown", "input", "scroll"])
    addEventListener(sign, () => (touched = Date.now()), { passive: true, capture: true });
  setInterval(() => {
    const kiosk = document.querySelector("[data-kiosk-back]");
    if (kiosk && Date.now() - touched > Number(kiosk.dataset.kioskSeconds) * 1000)
      location.replace(kiosk.dataset.kioskBack);
  }, 500);
}
