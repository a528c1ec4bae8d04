// The values of a plot, as a table to read or copy.

import { apiUrl } from "../api.js";
import { make } from "../dom.js";
import { flagNames, quantity } from "../format.js";
import { unitLabel } from "../units.js";
import { hint, scrollTable } from "../widgets.js";

/** Maximum number of pixels in the table; a download has all of them. */
const MAX_PIXELS = 500;

/** Arrays of a response that are not in the file. */
const COMPUTED = new Set(["good"]);

/** Return the 1-D arrays of a response as columns: {name, values, unit, description}. */
export function responseColumns({ data, column_metadata: metadata }) {
  return Object.entries(data)
    .filter(([name, values]) => !COMPUTED.has(name) && isColumn(values, data.wavelength))
    .map(([name, values]) => {
      const { units: unit, description, flags } = metadata[name];
      return { name, values, unit, description, flags };
    });
}

function isColumn(values, wavelength) {
  return Array.isArray(values) && values.length === wavelength.length;
}

/** Return a table of columns, which is filled when the user opens it. */
export function numbersTable(columns, { uri }, spectrum) {
  const [{ values }] = columns;
  const body = make("tbody", {});
  const table = scrollTable("Data table", headings(columns), body);
  const download = downloadHint(uri, spectrum, values.length);
  const summary = make("summary", {}, "Data table");
  const details = make("details", { class: "numbers" }, summary, download, table);
  details.addEventListener("toggle", () => {
    if (!body.childElementCount) body.append(...rows(columns, values.length));
  });
  return details;
}

function headings(columns) {
  const pixel = make("th", { scope: "col", class: "number" }, "pixel");
  return [pixel, ...columns.map(heading)];
}

function heading({ name, unit, description }) {
  const attributes = { scope: "col", class: "number", title: description };
  return make("th", attributes, unit ? `${name} (${unitLabel(unit)})` : name);
}

function downloadHint(uri, spectrum, count) {
  const parameters = new URLSearchParams({ uri });
  if (spectrum !== undefined) parameters.set("spectrum", spectrum);
  const truncated = count > MAX_PIXELS;
  return hint(
    truncated ? `Shows the first ${MAX_PIXELS} of ${quantity(count, "pixel")}. ` : "",
    make(
      "a",
      { href: apiUrl("retrieve.csv", parameters), download: "" },
      "Download all pixels as CSV",
    ),
  );
}

function rows(columns, count) {
  return Array.from({ length: Math.min(count, MAX_PIXELS) }, (_, i) =>
    make("tr", {}, cell(i), ...columns.map(({ values, flags }) => cell(values[i], flags))),
  );
}

function cell(value, flags) {
  const title = flags && value !== null ? flagNames(value, flags) : null;
  return make("td", { class: "number", title }, value === null ? "" : String(value));
}
