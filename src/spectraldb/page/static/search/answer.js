// The answer of a search: as a table or as a plot, page by page.

import { apiUrl, readable } from "../api.js";
import { copyMenu, pythonScript, shellQuoted } from "../copy.js";
import { fill, make, notice } from "../dom.js";
import { loosened } from "./loosened.js";
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

export class Answer {
  constructor({ vocabulary, change }) {
    this.units = new Map(
      vocabulary.columns.flatMap((c) => [c.name, ...c.aliases].map((name) => [name, c])),
    );
    this.change = change;
  }

  /** Return what is asked of the API: what the reader asks for, and what the page needs. */
  request(asked) {
    const request = new URLSearchParams(asked);
    const columns = (asked.get("columns") ?? "").split(",").filter(Boolean);
    const needed = isGrouped(asked) ? ["uri", "fluxUnit"] : NEEDED;
    request.set("columns", [...new Set([...columns, ...needed])].join(","));
    return request;
  }

  async show(element, asked, answer, how) {
    const grouped = isGrouped(asked);
    if (!answer.results.length) {
      fill(element, notice("info", make("p", {}, answer.message)), loosened(asked));
      return;
    }
    const body = make("div", {});
    const show = grouped ? "table" : how;
    fill(element, this.#bar(asked, answer, show, grouped), body, this.#pages(asked, answer));
    if (show === "plot") await drawPixels(body, answer.results);
    else
      fill(
        body,
        table(this.#columns(asked, answer, grouped), answer.results, this.#sorting(asked, grouped)),
      );
  }

  #bar(asked, answer, how, grouped) {
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
      { class: "row bar" },
      make(
        "p",
        { class: "told-of", role: "status" },
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
          onclick: () => this.#toggleGroup(asked, grouped),
        },
        "By product",
      ),
      downloads(asked),
      copyMenu(() => ways(asked)),
    );
  }

  #toggleGroup(asked, grouped) {
    // Columns and orders of pixels have no meaning for products.
    this.change({
      group: grouped ? null : "True",
      after: null,
      sort_by: null,
      columns: null,
      show: null,
    });
  }

  #pages(asked, answer) {
    if (!answer.truncated && !asked.get("after")) return null;
    const after = answer.next && new URL(answer.next).searchParams.get("after");
    return make(
      "nav",
      { class: "row", "aria-label": "Pages" },
      asked.get("after")
        ? make("button", { type: "button", onclick: () => history.back() }, "← Back")
        : null,
      after
        ? make(
            "button",
            { type: "button", class: "main", onclick: () => this.change({ after }) },
            "More →",
          )
        : null,
      answer.truncated
        ? make("p", { class: "hint" }, "Not all that matches is shown; a download has all of it.")
        : null,
    );
  }

  #columns(asked, answer, grouped) {
    const wanted = (asked.get("columns") ?? "").split(",");
    const hidden = grouped ? ["uri", "fluxUnit"] : HIDDEN;
    return Object.keys(answer.column_metadata)
      .filter(
        (name) =>
          !hidden.includes(name) ||
          wanted.includes(name) ||
          [...asked.keys()].some((key) => key.split(".")[0] === name),
      )
      .map((name) => ({
        name,
        unit: answer.column_metadata[name].units,
        description: answer.column_metadata[name].description,
      }));
  }

  #sorting(asked, grouped) {
    const [first] = (asked.get("sort_by") ?? "").split(",");
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

function isGrouped(asked) {
  return ["true", "1"].includes((asked.get("group") ?? "").toLowerCase());
}

/** Return what a download of all that matches asks for. */
function whole(asked) {
  const all = new URLSearchParams(asked);
  all.delete("after");
  return all;
}

function downloads(asked) {
  const links = Object.entries(FORMATS).map(([ending, label]) =>
    make(
      "li",
      {},
      make(
        "a",
        { href: apiUrl(`search.${ending}`, whole(asked)), download: `spectraldb.${ending}` },
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

function ways(asked) {
  const url = apiUrl("search", asked);
  const votable = apiUrl("search.votable", whole(asked));
  const python = pythonScript(
    `table = db.search(${JSON.stringify(readable(whole(asked)))}).to_qtable()`,
    "print(table)",
  );
  return [
    { name: "URL", text: url, title: "the address of this answer, as JSON" },
    { name: "curl", text: `curl ${shellQuoted(url)}` },
    { name: "Python", text: python, title: "with the client: pip install spectraldb" },
    { name: "TOPCAT", text: votable, title: "a VOTable's address, to load in TOPCAT" },
  ];
}
