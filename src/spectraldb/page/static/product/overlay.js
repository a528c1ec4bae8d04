// Spectra of other products, drawn over the spectrum of the page.

import { ApiError, fetchJson } from "../api.js";
import { debounce, fill, make, uniqueId } from "../dom.js";
import { productLabel, stemOf } from "../names.js";
import { setParameters, urlParameters } from "../navigation.js";
import { fluxUnits } from "../units.js";
import { button, field, row } from "../widgets.js";
import { retrieveSpectrum } from "./retrieve.js";
import { spectrumSeries } from "./series.js";

const TYPES = "x1d,c1d,x1dints";
const MAX_SUGGESTIONS = 30;
const SUGGEST_MS = 250;

/** A field to add products and buttons to remove them; `with` in the URL lists them. */
export class Overlay {
  constructor(product, changed) {
    this.product = product;
    this.changed = changed;
    this.suggestions = new Map();
    this.list = make("datalist", { id: uniqueId("products") });
    this.name = this.#nameInput();
    this.chips = row();
    const input = field("Overlay a spectrum", this.name);
    this.element = make("div", { class: "overlay row" }, input, this.list, this.chips);
    this.#suggest();
  }

  #nameInput() {
    const input = make("input", {
      list: this.list.id,
      size: 44,
      placeholder: "file name or target",
      spellcheck: "false",
    });
    const suggest = debounce(() => this.#suggest(), SUGGEST_MS);
    input.addEventListener("input", () => {
      if (this.suggestions.has(input.value)) this.#add(input.value);
      else suggest();
    });
    input.addEventListener("change", () => this.#add(input.value.trim()));
    return input;
  }

  async #suggest() {
    const products = await this.#matches(this.name.value.trim());
    const others = products.filter(({ uri }) => uri !== this.product.uri);
    for (const each of others) this.suggestions.set(productLabel(each), each);
    const options = others.map((each) =>
      make("option", { value: productLabel(each) }, each.targetName ?? ""),
    );
    fill(this.list, options);
  }

  /** Return products whose file name contains the text, else those whose target name does. */
  async #matches(text) {
    const { targetName } = this.product;
    if (!text) return searchProducts(targetName ? { "targetName.eq": targetName } : {});
    const byName = await searchProducts({ "fileName.like": `*${text}*` });
    return byName.length ? byName : searchProducts({ "targetName.like": `*${text}*` });
  }

  #add(name) {
    const product = this.suggestions.get(name);
    if (!product) return;
    this.name.value = "";
    const uris = new Set(overlaidUris()).add(product.uri);
    this.#change([...uris]);
  }

  #remove(uri) {
    this.#change(overlaidUris().filter((each) => each !== uri));
  }

  #change(uris) {
    const parameters = urlParameters();
    parameters.delete("with");
    for (const uri of uris) parameters.append("with", uri);
    setParameters(parameters);
    this.changed();
  }

  /** Return series to draw in this unit, and messages about products that cannot be drawn. */
  async load(quantity, unit) {
    const uris = overlaidUris();
    const results = await Promise.all(uris.map((uri) => loadSeries(uri, quantity, unit)));
    fill(
      this.chips,
      uris.map((uri) => {
        const title = "Remove this spectrum";
        return button(`${stemOf(uri)} ✕`, () => this.#remove(uri), { title });
      }),
    );
    return {
      series: results.flatMap(({ series }) => series ?? []),
      messages: results.flatMap(({ message }) => message ?? []),
    };
  }
}

function overlaidUris() {
  return urlParameters().getAll("with");
}

async function searchProducts(conditions) {
  const query = new URLSearchParams({
    ...conditions,
    product: TYPES,
    columns: "targetName",
    limit: MAX_SUGGESTIONS,
  });
  return (await fetchJson("search/products", query)).results;
}

/** Return {series} of the first spectrum of a product, or {message} if it cannot be drawn. */
async function loadSeries(uri, quantity, unit) {
  const name = stemOf(uri);
  try {
    const response = await retrieveSpectrum({ uri, productType: typeOf(uri) }, 0);
    const available = quantity in response.data ? quantity : "flux";
    const series = spectrumSeries(response, available, name, 0);
    if (fluxUnits(unit).includes(fluxUnits(series.unit)[0])) return { series };
    const own = series.unit ? `in ${series.unit}` : "without a unit";
    return { message: `${name}: Values ${own} cannot be converted to ${unit || "no unit"}.` };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { message: `${name}: ${error.message}` };
  }
}

function typeOf(uri) {
  return uri.match(/_([a-z0-9]+)\.fits/)?.[1];
}
