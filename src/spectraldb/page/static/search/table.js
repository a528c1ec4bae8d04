// Results as a table.

import { make } from "../dom.js";
import { flagNames, formatNumber } from "../format.js";
import { productLabel } from "../names.js";
import { viewUrl } from "../navigation.js";
import { unitLabel } from "../units.js";
import { button, scrollTable } from "../widgets.js";

const ARROWS = { ascending: " ↑", descending: " ↓", none: "" };

/** Return a table of rows; `sorting` has the order of each column, and changes it on a click. */
export function resultTable(columns, rows, sorting) {
  const isNumeric = (name) => rows.some((row) => typeof row[name] === "number");
  const numeric = new Set(columns.map(({ name }) => name).filter(isNumeric));
  const headings = columns.map((column) => heading(column, numeric, sorting));
  const body = rows.map((row) => make("tr", {}, cells(columns, row, numeric)));
  return scrollTable("Results", headings, make("tbody", {}, body));
}

function heading({ name, unit, description }, numeric, sorting) {
  const order = sorting.order(name);
  const label = `${unit ? `${name} (${unitLabel(unit)})` : name}${ARROWS[order]}`;
  const sort = () => sorting.sortBy(name);
  const content = sorting.isSortable(name)
    ? button(label, sort, { class: "plain sort", title: description })
    : make("span", { title: description }, label);
  const attributes = { scope: "col", class: numeric.has(name) ? "number" : null };
  return make("th", { ...attributes, "aria-sort": order === "none" ? null : order }, content);
}

function cells(columns, row, numeric) {
  return columns.map(({ name, flags }) => {
    const value = row[name];
    if (name === "fileName") return productCell(row);
    if (flags && typeof value === "number") return flagsCell(value, flags);
    if (typeof value === "number") return numberCell(value);
    return make("td", { class: numeric.has(name) ? "number" : null }, String(value ?? ""));
  });
}

function productCell(row) {
  const link = make("a", { href: productUrl(row) }, productLabel(row));
  return make("td", { class: "name", title: row.uri }, link);
}

function flagsCell(value, flags) {
  return make("td", { class: "number", title: flagNames(value, flags) }, String(value));
}

function numberCell(value) {
  return make("td", { class: "number", title: String(value) }, formatNumber(value));
}

/** Return the URL of the view of a row's product, with its pixel marked. */
export function productUrl({ uri, spectrum, wavelength }) {
  const parameters = new URLSearchParams({ uri });
  if (spectrum !== undefined && spectrum !== null) parameters.set("spectrum", spectrum);
  if (typeof wavelength === "number") parameters.set("at", wavelength);
  return viewUrl("product", parameters);
}
