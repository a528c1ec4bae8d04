// The answer of a search: as a table or as a plot, page by page.

import { apiUrl, queryString } from "../api.js";
import { copyMenu, pythonScript, shellQuoted } from "../copymenu.js";
import { fill, make, notice } from "../dom.js";
import { relaxedSearches } from "./relaxed.js";
import { drawPixels } from "./pixelplot.js";
import { table } from "./table.js";

/** What the page needs of each pixel, beside what is asked for, to draw it and to link to it. */
const NEEDED = ["flux", "fluxErr", "fluxUnit", "productType", "spectrum", "uri"];
const HIDDEN = ["fluxErr", "productType", "spectrum", "uri"];
const FORMATS = {
  csv: "CSV",
  votable: "VOTable",
  fits: "FITS",
  parquet: "Parquet",
  arrow: "Arrow",
};

export class SearchResults {
  constructor({ schema, change }) {
    this.units = new Map(
      schema.columns.flatMap((c) => [c.name, ...c.aliases].map((name) => [name, c])),
    );
    this.change = change;
  }

  /** Return what is asked of the API: what the reader asks for, and what the page needs. */
  request(query) {
    const request = new URLSearchParams(query);
    const columns = (query.get("columns") ?? "").split(",").filter(Boolean);
    const needed = isGrouped(query) ? ["uri", "fluxUnit"] : NEEDED;
    request.set("columns", [...new Set([...columns, ...needed])].join(","));
    return request;
  }

  async show(element, query, answer, how) {
    const grouped = isGrouped(query);
    if (!answer.results.length) {
      fill(element, notice("info", make("p", {}, answer.message)), relaxedSearches(query));
      return;
    }
    const body = make("div", {});
    const show = grouped ? "table" : how;
    fill(element, this.#bar(query, answer, show, grouped), body, this.#pages(query, answer));
    if (show === "plot") await drawPixels(body, answer.results);
    else
      fill(
        body,
        table(this.#columns(query, answer, grouped), answer.results, this.#sorting(query, grouped)),
      );
  }

  #bar(query, answer, how, grouped) {
    const tab = (name, label) =>
      make(
        "button",
        {
          type: "button",
          "aria-pressed": String(how === name),
          onclick: () => this.change({ show: name === "table" ? null : name }),
        },
        label,
      );
    return make(
      "div",
      { class: "row result-bar" },
      make(
        "p",
        { class: "result-summary", role: "status" },
        `${answer.message} (version ${answer.version} of the lake)`,
      ),
      grouped
        ? null
        : make(
            "div",
            { class: "row", role: "group", "aria-label": "Show as" },
            tab("table", "Table"),
            tab("plot", "Plot"),
          ),
      make(
        "button",
        {
          type: "button",
          "aria-pressed": String(grouped),
          onclick: () => this.#toggleGroup(query, grouped),
        },
        "By product",
      ),
      downloads(query),
      copyMenu(() => ways(query)),
    );
  }

  #toggleGroup(query, grouped) {
    // Columns and orders of pixels have no meaning for products.
    this.change({
      group: grouped ? null : "True",
      after: null,
      sort_by: null,
      columns: null,
      show: null,
    });
  }

  #pages(query, answer) {
    if (!answer.truncated && !query.get("after")) return null;
    const after = answer.next && new URL(answer.next).searchParams.get("after");
    return make(
      "nav",
      { class: "row", "aria-label": "Pages" },
      query.get("after")
        ? make("button", { type: "button", onclick: () => history.back() }, "← Back")
        : null,
      after
        ? make(
            "button",
            { type: "button", class: "primary", onclick: () => this.change({ after }) },
            "More →",
          )
        : null,
      answer.truncated
        ? make("p", { class: "hint" }, "Not all that matches is shown; a download has all of it.")
        : null,
    );
  }

  #columns(query, answer, grouped) {
    const wanted = (query.get("columns") ?? "").split(",");
    const hidden = grouped ? ["uri", "fluxUnit"] : HIDDEN;
    return Object.keys(answer.column_metadata)
      .filter(
        (name) =>
          !hidden.includes(name) ||
          wanted.includes(name) ||
          [...query.keys()].some((key) => key.split(".")[0] === name),
      )
      .map((name) => ({
        name,
        unit: answer.column_metadata[name].units,
        description: answer.column_metadata[name].description,
      }));
  }

  #sorting(query, grouped) {
    const [first] = (query.get("sort_by") ?? "").split(",");
    const sortable = (name) =>
      !grouped || name.startsWith("matched") || this.units.get(name)?.table === "DataProduct";
    return {
      sortable,
      order: (name) =>
        first === name ? "ascending" : first === `-${name}` ? "descending" : "none",
      sort: (name) =>
        this.change({
          after: null,
          sort_by: first === `-${name}` ? name : first === name ? null : `-${name}`,
        }),
    };
  }
}

function isGrouped(query) {
  return ["true", "1"].includes((query.get("group") ?? "").toLowerCase());
}

/** Return what a download of all that matches asks for. */
function whole(query) {
  const all = new URLSearchParams(query);
  all.delete("after");
  return all;
}

function downloads(query) {
  const links = Object.entries(FORMATS).map(([ending, label]) =>
    make(
      "li",
      {},
      make(
        "a",
        { href: apiUrl(`search.${ending}`, whole(query)), download: `spectraldb.${ending}` },
        label,
      ),
    ),
  );
  return make(
    "details",
    { class: "menu" },
    make("summary", {}, "Download all"),
    make("ul", { class: "menu-list" }, links),
  );
}

function ways(query) {
  const url = apiUrl("search", query);
  const votable = apiUrl("search.votable", whole(query));
  const python = pythonScript(
    `table = db.search(${JSON.stringify(queryString(whole(query)))}).to_qtable()`,
    "print(table)",
  );
  return [
    { name: "URL", text: url, title: "the address of this answer, as JSON" },
    { name: "curl", text: `curl ${shellQuoted(url)}` },
    { name: "Python", text: python, title: "with the client: pip install spectraldb" },
    { name: "TOPCAT", text: votable, title: "a VOTable's address, to load in TOPCAT" },
  ];
}
