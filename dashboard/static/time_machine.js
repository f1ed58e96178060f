// A slider by month over the date field of the time machine: without this file the field works alone.
const MONTHS = 12;

function countMonths(text) {
  const [year, month] = text.split("-").map(Number);
  return year * MONTHS + month - 1;
}

function endOfMonth(months) {
  return new Date(Date.UTC(Math.floor(months / MONTHS), (months % MONTHS) + 1, 0)).toISOString().slice(0, 10);
}

function nameMonth(months) {
  const first = new Date(Date.UTC(Math.floor(months / MONTHS), months % MONTHS, 1));
  return first.toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
}

function addSlider(form) {
  const field = form.querySelector('[name="as_at"]');
  const last = countMonths(new Date().toISOString());
  const first = Math.min(countMonths(form.dataset.first), last - MONTHS);
  const group = document.createElement("div");
  group.className = "govuk-form-group";
  const label = document.createElement("label");
  label.className = "govuk-label";
  label.htmlFor = "machine-month";
  const slider = document.createElement("input");
  Object.assign(slider, { id: "machine-month", className: "ledger-slider", type: "range", min: first, max: last, step: 1 });
  const show = (months) => {
    const words = months === last ? "now" : `the end of ${nameMonth(months)}`;
    label.textContent = `Slide to a month: ${words}`;
    slider.setAttribute("aria-valuetext", words);
  };
  const follow = () => {
    const written = /^\d{4}-\d{2}/.test(field.value) ? countMonths(field.value) : last;
    slider.value = Math.min(Math.max(written, first), last);
    show(Number(slider.value));
  };
  slider.addEventListener("input", () => {
    const months = Number(slider.value);
    field.value = months === last ? "" : endOfMonth(months);
    show(months);
  });
  field.addEventListener("change", follow);
  group.append(label, slider);
  field.closest(".govuk-form-group").before(group);
  follow();
}

document.querySelectorAll("[data-time-machine]").forEach(addSlider);
