// Controls that select one of the spectra of a product, which may have thousands.

import { make, uniqueId } from "../dom.js";
import { formatNumber } from "../format.js";
import { button, field, group, menu, scrollTable } from "../widgets.js";

/** Statistics that describe a spectrum in the list. */
const COLUMNS = ["sourceId", "order", "integration", "slit", "ra", "dec", "nGood", "derSnr"];

/** Return buttons, a number field and a list to select a spectrum; null if there is only one. */
export function spectrumChooser(statistics, current, choose) {
  const last = statistics.spectrum.length - 1;
  if (last < 1) return null;
  return group(
    "Select a spectrum",
    step("← Previous", current - 1, last, choose),
    field(`Spectrum (0 to ${last})`, numberInput(current, last, choose)),
    step("Next →", current + 1, last, choose),
    spectrumList(statistics, current, choose),
  );
}

function numberInput(current, last, choose) {
  const input = make("input", { type: "number", min: 0, max: last, value: current });
  input.addEventListener("change", () => {
    choose(Math.min(last, Math.max(0, Math.trunc(Number(input.value)))));
  });
  return input;
}

function step(label, target, last, choose) {
  return button(label, () => choose(target), { disabled: target < 0 || target > last });
}

function spectrumList(statistics, current, choose) {
  const names = COLUMNS.filter((name) => statistics[name]?.some((value) => value !== null));
  const rows = statistics.spectrum.map((spectrum, i) => {
    const cells = names.map((name) => make("td", {}, cellText(statistics[name][i])));
    return make("tr", {}, make("td", {}, choice(spectrum, current, choose)), cells);
  });
  const headings = ["spectrum", ...names].map((name) => make("th", { scope: "col" }, name));
  const table = scrollTable("Spectra", headings, make("tbody", {}, rows), "scroll short");
  const filter = field("Filter", filterInput(rows));
  return menu("List", make("div", { class: "menu-list left wide" }, filter, table));
}

/** Return an input that hides the rows that do not contain its text. */
function filterInput(rows) {
  const id = uniqueId("filter");
  const input = make("input", { id, type: "search", placeholder: "source, slit, …" });
  input.addEventListener("input", () => {
    const text = input.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(text);
  });
  return input;
}

function choice(spectrum, current, choose) {
  const attributes = { class: "plain", "aria-current": spectrum === current ? "true" : null };
  return button(String(spectrum), () => choose(spectrum), attributes);
}

function cellText(value) {
  return typeof value === "number" ? formatNumber(value) : String(value ?? "");
}
