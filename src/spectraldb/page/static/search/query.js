// Queries: URLSearchParams with the parameters of the API's `search`.

import { withChanges } from "../navigation.js";

/** Parameters of the output, which do not change what matches. */
const OUTPUT = ["sort_by", "limit", "after", "columns", "group"];

/** Return a query without some of its parameters. */
export function without(query, names) {
  return withChanges(query, Object.fromEntries(names.map((name) => [name, null])));
}

/** Return the query that counts the matches of a query. */
export function countQuery(query) {
  return without(query, OUTPUT);
}

/** Return the query of all results, starting with the first page. */
export function fullQuery(query) {
  return without(query, ["after"]);
}

/** Return whether each result is a product. */
export function isGrouped(query) {
  return ["true", "1"].includes((query.get("group") ?? "").toLowerCase());
}

/** Return the columns that a query adds. */
export function extraColumns(query) {
  return (query.get("columns") ?? "").split(",").filter(Boolean);
}
