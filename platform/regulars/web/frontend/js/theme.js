// Runs before the first paint, so that a dark room stays dark. Loaded as a plain script in the head.
const stored = () => {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage may be forbidden; the system's wish is enough then
  }
};
const system = matchMedia("(prefers-color-scheme: dark)");
const apply = () => {
  const choice = stored();
  const dark = choice === "dark" || (choice !== "light" && system.matches);
  document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
  document.documentElement.dataset.themeChoice = choice ?? "system";
  document.dispatchEvent(new CustomEvent("regulars:theme"));
};
apply();
system.addEventListener("change", apply);
addEventListener("storage", (event) => event.key === "theme" && apply());
document.addEventListener("regulars:choose-theme", (event) => {
  try {
    if (event.detail === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", event.detail);
  } catch {
    document.documentElement.dataset.bsTheme = event.detail;
  }
  apply();
});
