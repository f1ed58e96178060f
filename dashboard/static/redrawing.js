// Draws a page anew from what was fetched, as a whole, and keeps what its reader was doing: focus, what is typed, what
// is open, how far is scrolled. Finds which figures are others, and marks them for some seconds.
import { initAll } from "/assets/govuk/govuk-frontend.min.js";

const PARTS = ["ledger-breach", "ledger-status-words", "main-content"];
const FIGURES = ".ledger-figure, .govuk-table__cell--numeric, [data-figure]";
const MARKED_MILLISECONDS = 6_000;
const marked = new Map(); // by key: until when, and which way

export function findWords(page) {
  return page.getElementById("ledger-status-words");
}

// The figures of the page, with whether each has changed; null where it cannot be drawn: what was fetched is no page of
// this kind, or a file is chosen in a form, which no page can be given back.
export function drawAgain(fetched) {
  if (PARTS.some((id) => !fetched.getElementById(id) || !document.getElementById(id)) || holdsFile()) return null;
  const before = new Map(listFigures(document).map((one) => [one.key, one.text]));
  const kept = keepPlace();
  for (const id of PARTS) document.getElementById(id).replaceWith(document.adoptNode(fetched.getElementById(id)));
  document.title = fetched.title;
  initAll({ scope: document.getElementById("main-content") });
  restorePlace(kept);
  document.dispatchEvent(new CustomEvent("ledger:drawn"));
  return listFigures(document).map((one) => {
    const was = before.get(one.key);
    return { ...one, was, changed: was !== undefined && was !== one.text };
  });
}

export function markChanges(figures) {
  const now = performance.now();
  for (const one of figures) {
    if (one.changed) marked.set(one.key, { until: now + MARKED_MILLISECONDS, down: readNumber(one.text) < readNumber(one.was) });
    const mark = marked.get(one.key);
    if (!mark) continue;
    if (mark.until <= now) {
      marked.delete(one.key);
      continue;
    }
    one.element.classList.add("ledger-changed");
    one.element.classList.toggle("ledger-changed--down", mark.down);
    setTimeout(() => one.element.classList.remove("ledger-changed", "ledger-changed--down"), mark.until - now);
  }
}

// By its own id, or by table, row heading and column: rows may come, go and change places.
function listFigures(page) {
  const tables = [...page.querySelectorAll("table")];
  return [...page.getElementById("main-content").querySelectorAll(FIGURES)].map((element, number) => {
    const row = element.closest("tr");
    const text = element.textContent.trim();
    if (element.id || !row) return { element, text, key: element.id || `figure ${number}`, label: element.dataset.figure || "" };
    const label = row.querySelector("th")?.textContent.trim() || "";
    const place = [tables.indexOf(element.closest("table")), label, [...row.children].indexOf(element)];
    return { element, text, key: place.join("|"), label };
  });
}

function readNumber(text) {
  return Number.parseFloat(text.replaceAll(",", ""));
}

function keepPlace() {
  const main = document.getElementById("main-content");
  const active = document.activeElement;
  return {
    scroll: [window.scrollX, window.scrollY],
    inner: listAll(main, "[tabindex], .ledger-chart").map((one) => [one.scrollLeft, one.scrollTop]),
    open: listAll(main, "details").map((one) => one.open),
    fields: listFields(main).map((one) => ({ value: one.value, checked: one.checked, isTouched: isTouched(one) })),
    focus: active && active !== document.body && PARTS.some((id) => document.getElementById(id).contains(active)) ? findPath(active) : null,
    selection: active && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null,
  };
}

function restorePlace(kept) {
  const main = document.getElementById("main-content");
  listAll(main, "details").forEach((one, number) => {
    if (kept.open[number] !== undefined) one.open = kept.open[number];
  });
  listFields(main).forEach((one, number) => {
    const was = kept.fields[number];
    if (!was?.isTouched) return;
    if (one.type === "checkbox" || one.type === "radio") one.checked = was.checked;
    else if (one.type !== "file") one.value = was.value;
  });
  listAll(main, "[tabindex], .ledger-chart").forEach((one, number) => {
    if (kept.inner[number]) [one.scrollLeft, one.scrollTop] = kept.inner[number];
  });
  const focused = kept.focus && followPath(kept.focus);
  if (focused) {
    focused.focus({ preventScroll: true });
    if (kept.selection?.[0] != null && focused.setSelectionRange) focused.setSelectionRange(...kept.selection);
  }
  window.scrollTo(...kept.scroll);
}

function holdsFile() {
  return [...document.querySelectorAll("#main-content input[type=file]")].some((one) => one.files.length);
}

function listAll(main, selector) {
  return [...main.querySelectorAll(selector)];
}

function listFields(main) {
  return listAll(main, "input, select, textarea");
}

function isTouched(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.value !== field.defaultValue;
}

// Where an element stands: by its id, or by its place in the part that has one.
function findPath(element) {
  const path = [];
  let at = element;
  while (!at.id) {
    path.unshift([...at.parentElement.children].indexOf(at));
    at = at.parentElement;
  }
  return { id: at.id, path };
}

function followPath({ id, path }) {
  return path.reduce((at, number) => at?.children[number], document.getElementById(id));
}
