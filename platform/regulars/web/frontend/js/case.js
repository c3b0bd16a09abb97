// What stands beside a page on wide screens is a fold below it on narrow ones. It is open where
// there is room for both; whoever folds or unfolds it keeps it so until the room changes.
const wide = matchMedia("(width >= 1200px)");
const settle = () => {
  for (const fold of document.querySelectorAll("details[data-open-wide]")) fold.open = wide.matches;
};
wide.addEventListener("change", settle);
settle();
