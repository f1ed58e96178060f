// Live movement: what changes is heard as server-sent events; the page is then fetched again and drawn as a whole, so
// that all of it stands on one position. Nothing here adds up a number.
import { drawAgain, findWords, markChanges } from "/assets/own/redrawing.js";

const SILENT_MILLISECONDS = 10_000; // heartbeats come every two seconds
const APART_MILLISECONDS = 250; // between two drawings at least
const APART_FACTOR = 2; // and so many times what the last one took, so that a ledger with much to draw is asked less
const GRACE_MILLISECONDS = 2_000; // a stream that breaks is mostly there again at once
const AGAIN_MILLISECONDS = 2_000; // until one that the browser gave up is opened anew
const NEWS_MILLISECONDS = 10_000; // between two announcements
const PAUSED = "ledger-paused";
const STATES = ["behind", "troubles", "alerts"]; // what a page says of the ledger besides its figures

let stream = null;
let cursor = "";
let heardAt = performance.now();
let clockAhead = 0; // of the server's clock, in milliseconds
let brokenAt = null;
let troubles = 0;
let fetching = false;
let fetchedAt = -APART_MILLISECONDS;
let apart = APART_MILLISECONDS;
let isDue = false;
let timer = null;
let tag = null;
let news = [];
let newsAt = -NEWS_MILLISECONDS;

export function startLive() {
  const words = findWords(document);
  if (!words) return;
  setInterval(tickAges, 1_000);
  tickAges();
  if (words.dataset.live !== "true") return;
  cursor = words.dataset.cursor;
  preparePause();
  openStream();
  setInterval(watchSilence, 1_000);
  document.addEventListener("visibilitychange", followVisibility);
  window.addEventListener("pagehide", closeStream);
  window.addEventListener("pageshow", (event) => event.persisted && followVisibility());
}

function openStream() {
  closeStream();
  stream = new EventSource(`/v1/events?since=${encodeURIComponent(cursor)}`);
  stream.addEventListener("changes", (event) => hearChanges(JSON.parse(event.data)));
  stream.addEventListener("heartbeat", (event) => hearBeat(JSON.parse(event.data)));
  stream.addEventListener("reset", (event) => hearChanges(JSON.parse(event.data)));
  stream.addEventListener("error", noteBreak);
}

function closeStream() {
  if (stream) stream.close();
  stream = null;
}

// A tab that nobody sees takes no line: a browser has six for all of them.
function followVisibility() {
  if (document.hidden) {
    closeStream();
  } else if (!stream) {
    heardAt = performance.now();
    openStream();
  }
}

function hearAnything(said) {
  heardAt = performance.now();
  clockAhead = Date.parse(said.at) - Date.now();
  if (brokenAt !== null) {
    brokenAt = null;
    document.getElementById("ledger-status").classList.remove("ledger-status--broken");
    sayNote();
    draw();
  }
}

function hearChanges(said) {
  hearAnything(said);
  if (said.cursor !== cursor) draw();
}

function hearBeat(said) {
  hearAnything(said);
  troubles = said.troubles ?? troubles;
  const shown = findWords(document).dataset;
  if (STATES.some((name) => said[name] !== null && String(said[name]) !== shown[name])) draw();
}

function noteBreak() {
  if (brokenAt === null) setTimeout(watchSilence, GRACE_MILLISECONDS);
  const broken = stream;
  if (broken && broken.readyState === EventSource.CLOSED) {
    setTimeout(() => broken === stream && openStream(), AGAIN_MILLISECONDS);
  }
}

function watchSilence() {
  if (!stream || brokenAt !== null) return;
  const silence = performance.now() - heardAt;
  const isLost = stream.readyState !== EventSource.OPEN && silence > GRACE_MILLISECONDS;
  if (!isLost && silence <= SILENT_MILLISECONDS) return;
  brokenAt = Date.now() + clockAhead - silence;
  document.getElementById("ledger-status").classList.add("ledger-status--broken");
  sayNote();
}

function sayNote() {
  const note = document.getElementById("ledger-status-note");
  document.getElementById("ledger-status").classList.toggle("ledger-status--paused", isPaused());
  const said = [];
  if (brokenAt !== null) said.push(`Not updating: the ledger does not answer since ${formatTime(brokenAt)}.`);
  if (isPaused()) said.push(isDue ? "Paused: updates are waiting." : "Paused.");
  if (isPaused() && troubles) said.push("The ledger is degraded.");
  if (note.textContent !== said.join(" ")) note.textContent = said.join(" ");
}

// One fetch at a time; what comes meanwhile is in the next.
function draw() {
  isDue = true;
  if (isPaused()) {
    sayNote();
  } else if (!fetching && timer === null) {
    timer = setTimeout(fetchPage, Math.max(0, fetchedAt + apart - performance.now()));
  }
}

async function fetchPage() {
  timer = null;
  fetching = true;
  isDue = false;
  fetchedAt = performance.now();
  try {
    const held = tag ? { "If-None-Match": tag } : {};
    const response = await fetch(location.href, { headers: { Accept: "text/html", ...held }, cache: "no-store" });
    if (response.status === 200) showPage(await response.text(), response.headers.get("ETag"));
  } catch {
    isDue = true; // the ledger does not answer: drawn when it is heard again
  } finally {
    fetching = false;
    apart = Math.max(APART_MILLISECONDS, APART_FACTOR * (performance.now() - fetchedAt));
  }
  if (isDue && brokenAt === null) draw();
}

function showPage(text, given) {
  if (isPaused()) {
    isDue = true;
    return;
  }
  const changed = drawAgain(new DOMParser().parseFromString(text, "text/html"));
  if (changed === null) return;
  tag = given;
  cursor = findWords(document).dataset.cursor;
  markChanges(changed);
  tickAges();
  announce(changed);
}

// Politely, and at most once every ten seconds: what changed meanwhile is said together.
function announce(changed) {
  news = [...changed.filter((one) => one.changed), ...news];
  if (!news.length) return;
  const wait = newsAt + NEWS_MILLISECONDS - performance.now();
  if (wait > 0) {
    setTimeout(() => announce([]), wait);
    return;
  }
  const keys = new Set(news.map((one) => one.key));
  const first = news.find((one) => one.label) || news[0];
  const count = keys.size === 1 ? "One figure has changed" : `${keys.size} figures have changed`;
  document.getElementById("ledger-news").textContent = `${count}: ${first.label ? `${first.label}, ` : ""}${first.text}.`;
  newsAt = performance.now();
  news = [];
}

function preparePause() {
  const button = document.getElementById("ledger-pause");
  button.hidden = false;
  button.setAttribute("aria-pressed", String(isPaused()));
  button.addEventListener("click", () => {
    sessionStorage.setItem(PAUSED, String(!isPaused()));
    button.setAttribute("aria-pressed", String(isPaused()));
    sayNote();
    if (!isPaused()) draw();
  });
  sayNote();
}

function isPaused() {
  return sessionStorage.getItem(PAUSED) === "true";
}

function tickAges() {
  for (const place of document.querySelectorAll(".ledger-age")) {
    place.textContent = ` (${formatAge((Date.now() + clockAhead - Date.parse(place.dataset.since)) / 1000)} ago)`;
  }
}

function formatAge(seconds) {
  const units = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
  const [name, size] = units.find(([, most]) => seconds >= 2 * most) || ["s", 1];
  const number = Math.max(0, Math.floor(seconds / size)).toLocaleString("en-GB");
  return name === "s" ? `${number} s` : `${number} ${name}s`;
}

function formatTime(milliseconds) {
  const london = { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" };
  return new Date(milliseconds).toLocaleTimeString("en-GB", london);
}
