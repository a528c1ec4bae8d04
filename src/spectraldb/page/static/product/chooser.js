// Choosing among the spectra of a product, be they two or thousands.

import { make, uniqueId } from "../dom.js";
import { formatNumber } from "../format.js";
import { field } from "../fields.js";

const FIGURES = ["sourceId", "order", "integration", "slit", "ra", "dec", "nGood", "derSnr"];

/** Return previous, next, a number to type and a list that can be filtered; null for one spectrum. */
export function chooser(figures, current, choose) {
  const count = figures.spectrum.length;
  if (count < 2) return null;
  const input = make("input", { type: "number", min: 0, max: count - 1, value: current });
  input.addEventListener("change", () =>
    choose(Math.min(count - 1, Math.max(0, Math.trunc(Number(input.value))))),
  );
  return make(
    "div",
    { class: "row", role: "group", "aria-label": "Spectrum of the product" },
    step("← Previous", current - 1, count, choose),
    field(`spectrum, 0 to ${count - 1}`, input),
    step("Next →", current + 1, count, choose),
    list(figures, current, choose),
  );
}

function step(label, target, count, choose) {
  return make(
    "button",
    { type: "button", disabled: target < 0 || target >= count, onclick: () => choose(target) },
    label,
  );
}

function list(figures, current, choose) {
  const names = FIGURES.filter((name) => figures[name]?.some((value) => value !== null));
  const rows = figures.spectrum.map((spectrum, i) =>
    row(figures, names, spectrum, i, spectrum === current, choose),
  );
  const filter = make("input", {
    id: uniqueId("filter"),
    type: "search",
    placeholder: "source, slit …",
  });
  filter.addEventListener("input", () => {
    const text = filter.value.trim().toLowerCase();
    for (const each of rows) each.hidden = !each.textContent.toLowerCase().includes(text);
  });
  const head = make(
    "tr",
    {},
    ["spectrum", ...names].map((name) => make("th", { scope: "col" }, name)),
  );
  return make(
    "details",
    { class: "menu" },
    make("summary", {}, "List"),
    make(
      "div",
      { class: "menu-list left wide" },
      field("filter", filter),
      make(
        "div",
        { class: "scroll short", tabindex: 0, role: "region", "aria-label": "Spectra" },
        make("table", {}, make("thead", {}, head), make("tbody", {}, rows)),
      ),
    ),
  );
}

function row(figures, names, spectrum, i, isCurrent, choose) {
  const button = make(
    "button",
    {
      type: "button",
      class: "plain",
      "aria-current": isCurrent ? "true" : null,
      onclick: () => choose(spectrum),
    },
    String(spectrum),
  );
  const cells = names.map((name) =>
    make(
      "td",
      {},
      typeof figures[name][i] === "number"
        ? formatNumber(figures[name][i], 7)
        : String(figures[name][i] ?? ""),
    ),
  );
  return make("tr", {}, make("td", {}, button), cells);
}
