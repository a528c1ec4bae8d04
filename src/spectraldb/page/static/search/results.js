// The results of a search: a table or a plot, page by page.

import { fill, make } from "../dom.js";
import { button, group, hint, notice, toggle } from "../widgets.js";
import { downloadMenu, searchCopyMenu } from "./exports.js";
import { drawPixels } from "./pixelplot.js";
import { extraColumns, isGrouped } from "./query.js";
import { relaxedSearches } from "./relaxed.js";
import { columnsByName } from "./schema.js";
import { Sorting } from "./sorting.js";
import { resultTable } from "./table.js";

/** Columns that the page needs for plots and links, besides those of the query. */
const PIXEL_COLUMNS = ["flux", "fluxErr", "fluxUnit", "productType", "spectrum", "uri"];
const PRODUCT_COLUMNS = ["uri", "fluxUnit"];

/** Columns that the table shows only if they are in the query. */
const HIDDEN_PIXEL_COLUMNS = ["fluxErr", "productType", "spectrum", "uri"];

const TRUNCATED = "This page shows only some of the results. Use Download all to get all of them.";

export class SearchResults {
  /** `change` changes parameters of the page's URL. */
  constructor(schema, change) {
    this.columns = columnsByName(schema);
    this.change = change;
  }

  /** Return the query to send: the query of the user, with the columns that the page needs. */
  request(query) {
    const request = new URLSearchParams(query);
    const needed = isGrouped(query) ? PRODUCT_COLUMNS : PIXEL_COLUMNS;
    request.set("columns", [...new Set([...extraColumns(query), ...needed])].join(","));
    return request;
  }

  /** Show a response in an element, as a "table" or a "plot". */
  async show(element, query, response, form) {
    if (!response.results.length) {
      fill(element, notice("info", response.message), relaxedSearches(query));
      return;
    }
    const body = make("div", {});
    const shownForm = isGrouped(query) ? "table" : form;
    fill(element, this.#bar(query, response, shownForm), body, this.#pages(query, response));
    if (shownForm === "plot") await drawPixels(body, response.results);
    else fill(body, this.#table(query, response));
  }

  #bar(query, response, form) {
    const summary = `${response.message} Lake version ${response.version}.`;
    const grouped = isGrouped(query);
    return make(
      "div",
      { class: "row result-bar" },
      make("p", { class: "result-summary", role: "status" }, summary),
      grouped ? null : this.#formToggles(form),
      toggle("Group by product", grouped, () => this.#setGrouped(!grouped)),
      downloadMenu(query),
      searchCopyMenu(query),
    );
  }

  #formToggles(form) {
    const table = toggle("Table", form === "table", () => this.change({ show: null }));
    const plot = toggle("Plot", form === "plot", () => this.change({ show: "plot" }));
    return group("Show as", table, plot);
  }

  /** Reset columns and order, because those of pixels do not apply to products. */
  #setGrouped(grouped) {
    const reset = { after: null, sort_by: null, columns: null, show: null };
    this.change({ group: grouped ? "True" : null, ...reset });
  }

  #pages(query, { truncated, next }) {
    const isFirst = !query.get("after");
    if (!truncated && isFirst) return null;
    const after = next && new URL(next).searchParams.get("after");
    const more = () => this.change({ after });
    return make(
      "nav",
      { class: "row", "aria-label": "Pagination" },
      isFirst ? null : button("← Back", () => history.back()),
      after ? button("Next page →", more, { class: "primary" }) : null,
      truncated ? hint(TRUNCATED) : null,
    );
  }

  #table(query, response) {
    const change = (key) => this.change({ after: null, sort_by: key });
    const sorting = new Sorting(query, (name) => this.#isSortable(name, query), change);
    return resultTable(shownColumns(query, response), response.results, sorting);
  }

  #isSortable(name, query) {
    if (!isGrouped(query) || name.startsWith("matched")) return true;
    return this.columns.get(name)?.table === "DataProduct";
  }
}

/** Return the columns of the table. */
function shownColumns(query, { column_metadata: metadata }) {
  const hidden = isGrouped(query) ? PRODUCT_COLUMNS : HIDDEN_PIXEL_COLUMNS;
  const conditions = [...query.keys()].map((key) => key.split(".")[0]);
  const named = new Set([...extraColumns(query), ...conditions]);
  return Object.entries(metadata)
    .filter(([name]) => !hidden.includes(name) || named.has(name))
    .map(([name, { units: unit, description, flags }]) => ({ name, unit, description, flags }));
}
