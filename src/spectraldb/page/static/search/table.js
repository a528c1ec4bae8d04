// Results as a table.

import { viewUrl } from "../navigation.js";
import { make } from "../dom.js";
import { formatNumber } from "../format.js";
import { unitLabel } from "../units.js";

/** Return a table of rows; `sorting` says which headings order them, and how they do now. */
export function table(columns, rows, sorting) {
  const numeric = new Set(
    columns
      .filter(({ name }) => rows.some((row) => typeof row[name] === "number"))
      .map(({ name }) => name),
  );
  return make(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": "Results" },
    make(
      "table",
      {},
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          columns.map((column) => heading(column, numeric.has(column.name), sorting)),
        ),
      ),
      make(
        "tbody",
        {},
        rows.map((row) =>
          make(
            "tr",
            {},
            columns.map(({ name }) => cell(name, row, numeric.has(name))),
          ),
        ),
      ),
    ),
  );
}

function heading({ name, unit, description }, isNumber, sorting) {
  const label = unit ? `${name} (${unitLabel(unit)})` : name;
  const order = sorting.order(name);
  const arrow = { ascending: " ↑", descending: " ↓", none: "" }[order];
  const content = sorting.sortable(name)
    ? make(
        "button",
        {
          type: "button",
          class: "plain sort",
          title: description,
          onclick: () => sorting.sort(name),
        },
        label + arrow,
      )
    : make("span", { title: description }, label);
  return make(
    "th",
    {
      scope: "col",
      class: isNumber ? "number" : null,
      "aria-sort": order === "none" ? null : order,
    },
    content,
  );
}

function cell(name, row, isNumber) {
  const value = row[name];
  if (name === "fileName")
    return make("td", { class: "name", title: value }, make("a", { href: productUrl(row) }, value));
  if (typeof value === "number")
    return make("td", { class: "number", title: String(value) }, formatNumber(value));
  const text = value === null || value === undefined ? "" : String(value);
  return make("td", { class: isNumber ? "number" : null }, text);
}

/** Return the address of the view of a result's product, at its pixel. */
export function productUrl(row) {
  const shown = new URLSearchParams({ uri: row.uri });
  if (row.spectrum !== undefined && row.spectrum !== null) shown.set("spectrum", row.spectrum);
  if (typeof row.wavelength === "number") shown.set("at", row.wavelength);
  return viewUrl("product", shown);
}
