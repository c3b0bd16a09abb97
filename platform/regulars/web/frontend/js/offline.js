import { texts } from "./texts.js";
import { toast } from "./toast.js";

const bar = document.getElementById("offline");

function show() {
  if (!bar) return;
  bar.hidden = navigator.onLine;
}

addEventListener("offline", show);
addEventListener("online", () => {
  show();
  toast(texts.online, "good");
});
show();
