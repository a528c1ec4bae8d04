// Spectra of other products, laid over the one that is shown.

import { ApiError, fetchJson } from "../api.js";
import { setParameters, urlParameters } from "../navigation.js";
import { debounce, fill, make, uniqueId } from "../dom.js";
import { field } from "../fields.js";
import { fluxUnits } from "../units.js";
import { retrieveSpectrum, seriesOf } from "./retrieve.js";

const ONE_D = "x1d,c1d,x1dints";
const SUGGESTED = 30;

export class Overlay {
  constructor(row, changed) {
    this.row = row;
    this.changed = changed;
    this.rows = new Map();
    this.list = make("datalist", { id: uniqueId("products") });
    this.name = make("input", {
      list: this.list.id,
      size: 44,
      placeholder: "file name or target",
      spellcheck: "false",
    });
    this.chips = make("div", { class: "row" });
    const suggest = debounce(() => this.#suggest(), 250);
    this.name.addEventListener("input", () =>
      this.rows.has(this.name.value) ? this.#add(this.name.value) : suggest(),
    );
    this.name.addEventListener("change", () => this.#add(this.name.value.trim()));
    this.element = make(
      "div",
      { class: "overlay row" },
      field("lay another product over it", this.name),
      this.list,
      this.chips,
    );
    this.#suggest();
  }

  async #suggest() {
    const text = this.name.value.trim();
    const query = text
      ? [["fileName.like", `*${text}*`]]
      : this.row.targetName
        ? [["targetName.eq", this.row.targetName]]
        : [];
    const found = await this.#products(query);
    const byTarget =
      text && !found.length ? await this.#products([["targetName.like", `*${text}*`]]) : [];
    const options = [...found, ...byTarget].filter(({ uri }) => uri !== this.row.uri);
    for (const row of options) this.rows.set(row.fileName, row);
    fill(
      this.list,
      options.map((row) => make("option", { value: row.fileName }, row.targetName ?? "")),
    );
  }

  async #products(conditions) {
    const query = new URLSearchParams([
      ...conditions,
      ["product", ONE_D],
      ["columns", "targetName"],
      ["limit", String(SUGGESTED)],
    ]);
    return (await fetchJson("search/products", query)).results;
  }

  async #add(name) {
    const row = this.rows.get(name);
    if (!row) return;
    this.name.value = "";
    const shown = urlParameters();
    if (!shown.getAll("with").includes(row.uri)) shown.append("with", row.uri);
    setParameters(shown);
    this.changed();
  }

  #remove(uri) {
    const shown = urlParameters();
    const left = shown.getAll("with").filter((each) => each !== uri);
    shown.delete("with");
    for (const each of left) shown.append("with", each);
    setParameters(shown);
    this.changed();
  }

  /** Return the series to lay over one of a unit, and why others cannot be. */
  async series(what, unit) {
    const uris = urlParameters().getAll("with");
    const results = await Promise.all(uris.map((uri) => this.#one(uri, what, unit)));
    fill(
      this.chips,
      uris.map((uri) =>
        make("button", { type: "button", onclick: () => this.#remove(uri) }, `${nameOf(uri)} ✕`),
      ),
    );
    return {
      series: results.filter((each) => typeof each !== "string"),
      refused: results.filter((each) => typeof each === "string"),
    };
  }

  async #one(uri, what, unit) {
    try {
      const answer = await retrieveSpectrum(
        { uri, productType: uri.match(/_([a-z0-9]+)\.fits/)?.[1] },
        0,
      );
      const series = seriesOf(answer, what in answer.data ? what : "flux", nameOf(uri));
      const same = fluxUnits(unit).includes(fluxUnits(series.unit)[0]);
      return same
        ? series
        : `${nameOf(uri)} is in ${series.unit || "no unit"}, which cannot be drawn in ${unit}.`;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return `${nameOf(uri)}: ${error.message}`;
    }
  }
}

function nameOf(uri) {
  return uri
    .split("/")
    .pop()
    .replace(/\.fits(\.gz)?$/, "");
}
