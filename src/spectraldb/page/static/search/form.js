// The search form: common parameters have their own fields, all others are further conditions.

import { make } from "../dom.js";
import { check, field, fieldset, hint, row } from "../widgets.js";
import { Conditions } from "./conditions.js";
import { CONE_PARAMETERS, ConeFields } from "./cone.js";
import {
  CheckInput,
  FluxInput,
  NumberInput,
  ProductTypeInput,
  TextInput,
  WavelengthInput,
} from "./inputs.js";

const DEFAULT_TYPES =
  "If you select none, only x1d products are searched. 2-D spectra (s2d) and cubes (s3d) contain " +
  "the same light as the spectra extracted from them.";

export class SearchForm {
  constructor(schema, holdings, { changed, submitted }) {
    this.wavelength = new WavelengthInput();
    this.types = new ProductTypeInput(holdings.productTypes.map((type) => type.productType));
    this.derSnr = new NumberInput("derSnr.gt", decimal(5, "5"));
    this.snr = new NumberInput("snr.gt", decimal(5, "3"));
    this.flux = new FluxInput("flux.gte", decimal(6, "10"));
    this.good = new CheckInput("good", "true");
    this.cone = new ConeFields();
    this.conditions = new Conditions(schema, changed);
    this.columns = new TextInput("columns", text(24, "targetName,instrument"));
    this.sort = new TextInput("sort_by", text(16, "-flux"));
    this.limit = new TextInput("limit", { inputmode: "numeric", size: 6, placeholder: "1000" });
    this.group = new CheckInput("group", "True");
    this.version = null;
    this.element = this.#form();
    this.element.addEventListener("input", changed);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      submitted();
    });
  }

  /** The inputs of conditions, in the order of the query. */
  get #selection() {
    return [this.wavelength, this.types, this.derSnr, this.snr, this.flux, this.good];
  }

  /** The inputs of the output, which follow them in the query. */
  get #output() {
    return [this.columns, this.sort, this.group, this.limit];
  }

  #form() {
    const search = make("button", { class: "primary" }, "Search");
    const clear = make("a", { class: "button", href: "./" }, "Clear");
    return make(
      "form",
      { class: "search-form" },
      this.#wavelengthFields(),
      this.#typeFields(),
      this.#signalFields(),
      this.cone.element,
      this.conditions.element,
      this.#outputFields(),
      make("div", { class: "row actions" }, search, clear),
    );
  }

  #wavelengthFields() {
    const { low, high, unit } = this.wavelength;
    return fieldset("Wavelength", row(field("From", low), field("To", high), field("Unit", unit)));
  }

  #typeFields() {
    const boxes = [...this.types.boxes].map(([name, box]) => check(name, box));
    return fieldset("Product types", row(boxes), hint(DEFAULT_TYPES));
  }

  #signalFields() {
    return fieldset(
      "Signal",
      row(
        field(
          "S/N of the spectrum above",
          this.derSnr.input,
          "DER_SNR, estimated from the flux alone",
        ),
        field(
          "S/N of the pixel above",
          this.snr.input,
          "Flux divided by its error (flux / fluxErr)",
        ),
      ),
      row(
        field("Flux at least", this.flux.input),
        field("Unit", this.flux.unit),
        check("Good pixels only", this.good.box),
      ),
    );
  }

  #outputFields() {
    return make(
      "details",
      {},
      make("summary", {}, "Output"),
      row(
        field("Additional columns", this.columns.input),
        field("Sort by", this.sort.input, "Prefix a column with - to sort in descending order"),
        field("Maximum number of results", this.limit.input),
      ),
      check("One result per product, not per pixel", this.group.box),
    );
  }

  /** Show the parameters of a query; those without a field become further conditions. */
  fill(query) {
    this.element.reset();
    this.version = null;
    const coneShown = this.cone.show(query);
    const seen = new Set();
    const conditions = [];
    for (const [name, value] of query) {
      if (coneShown && CONE_PARAMETERS.includes(name)) continue;
      if (seen.has(name) || !this.#show(name, value)) conditions.push([name, value]);
      seen.add(name);
    }
    this.conditions.fill(conditions);
  }

  /** Show a parameter; returns whether an input can show its value. */
  #show(name, value) {
    // The page token belongs to a response, not to the query.
    if (name === "after") return true;
    if (name === "version") {
      this.version = value;
      return true;
    }
    const inputs = [...this.#selection, ...this.#output];
    return inputs.find(({ parameters }) => parameters.includes(name))?.show(value, name) ?? false;
  }

  /** Return the query of the form. */
  query() {
    const query = new URLSearchParams();
    for (const input of this.#selection) input.write(query);
    this.cone.write(query);
    for (const [name, value] of this.conditions.pairs()) query.append(name, value);
    for (const input of this.#output) input.write(query);
    if (this.version !== null) query.set("version", this.version);
    return query;
  }
}

function decimal(size, placeholder) {
  return { inputmode: "decimal", size, placeholder };
}

function text(size, placeholder) {
  return { size, placeholder, spellcheck: "false" };
}
