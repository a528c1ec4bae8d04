// Shown when nothing matches: the number of matches without each condition.

import { fetchJson } from "../api.js";
import { fill, make } from "../dom.js";
import { quantity } from "../format.js";
import { viewUrl } from "../navigation.js";
import { CONE_PARAMETERS } from "./cone.js";
import { countQuery, fullQuery, without } from "./query.js";

/** Parameters that are not conditions, or only part of one. */
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

/** Maximum number of conditions to try. */
const MAX_CONDITIONS = 6;

const ONLY_X1D =
  "Only x1d products were searched. Select other product types to search 2-D spectra and cubes.";

/** Return links to searches without one of the conditions, with the number of their matches. */
export function relaxedSearches(query) {
  const names = [...new Set(query.keys())].filter((name) => !NO_CONDITIONS.has(name));
  const tried = names.slice(0, MAX_CONDITIONS);
  const element = make("div", {}, query.has("product") ? null : make("p", {}, ONLY_X1D));
  if (tried.length < 2) return element;
  const list = tried.map((name) => relaxedSearch(query, name));
  element.append(make("p", {}, "If you remove one condition:"), make("ul", {}, list));
  return element;
}

function relaxedSearch(query, name) {
  const relaxed = without(fullQuery(query), name === "ra" ? CONE_PARAMETERS : [name]);
  const matches = make("span", {}, ": counting…");
  countMatches(relaxed, matches);
  return make("li", {}, make("a", { href: viewUrl("", relaxed) }, `without ${name}`), matches);
}

async function countMatches(query, element) {
  try {
    const { pixels } = await fetchJson("search/count", countQuery(query));
    fill(element, `: ${quantity(pixels, "pixel")}`);
  } catch (error) {
    fill(element, `: ${error.message}`);
  }
}
