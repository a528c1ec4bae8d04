// Where nothing matches: how much would without each of the conditions.

import { fetchJson } from "../api.js";
import { viewUrl } from "../navigation.js";
import { make } from "../dom.js";
import { quantity } from "../format.js";

const NO_CONDITIONS = new Set([
  "columns",
  "sort_by",
  "limit",
  "group",
  "after",
  "version",
  "dec",
  "radius",
  "product",
  "productType",
]);
const MOST = 6;

/** Return a list that fills itself with searches of one condition less. */
export function relaxedSearches(query) {
  const names = [...new Set(query.keys())]
    .filter((name) => !NO_CONDITIONS.has(name))
    .slice(0, MOST);
  const list = make("ul", {});
  for (const name of names) addTo(list, query, name);
  const types = query.has("product")
    ? null
    : make(
        "p",
        {},
        "Only x1d products were searched: choose other products to look at 2-D spectra and cubes.",
      );
  return make(
    "div",
    {},
    types,
    names.length > 1 ? make("p", {}, "With one condition less:") : null,
    names.length > 1 ? list : null,
  );
}

async function addTo(list, query, name) {
  const less = new URLSearchParams(query);
  for (const gone of name === "ra" ? ["ra", "dec", "radius"] : [name]) less.delete(gone);
  less.delete("after");
  const counting = new URLSearchParams(less);
  for (const gone of ["sort_by", "limit", "columns", "group"]) counting.delete(gone);
  const item = make(
    "li",
    {},
    make("a", { href: viewUrl("", less) }, `without ${name}`),
    make("span", {}, ": …"),
  );
  list.append(item);
  try {
    const { pixels } = await fetchJson("search/count", counting);
    item.lastChild.textContent = `: ${quantity(pixels, "pixel")}`;
  } catch (error) {
    item.lastChild.textContent = `: ${error.message}`;
  }
}
