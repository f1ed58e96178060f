// Progressive enhancement: every page works without this file.
import { initAll } from "/assets/govuk/govuk-frontend.min.js";
import { startLive } from "/assets/own/live.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
startLive();
