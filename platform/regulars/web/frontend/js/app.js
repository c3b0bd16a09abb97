// Everything a page of people needs but charts. Each part listens on the document, so that what
// htmx swaps in works without being wired again.
import "htmx.org/dist/htmx.esm.js";
import "./requests.js";
import "./drafts.js";
import "./offline.js";
import "./waiting.js";
import "./overlays.js";
import "./controls.js";
import "./chips.js";
import "./contacts.js";
import "./upload.js";
import "./complaining.js";
import "./people.js";
import "./kiosk.js";
import "./words.js";
import "./look.js";
import "./lists.js";
import "./case.js";
