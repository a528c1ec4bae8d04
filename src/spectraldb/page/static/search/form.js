// The form: what is asked most as fields of its own, and any column as a further condition.

import { make, uniqueId } from "../dom.js";
import { Conditions } from "./conditions.js";
import { field, select } from "../fields.js";
import { Position } from "./position.js";

const WAVELENGTH_UNITS = { "": "µm", nm: "nm", Angstrom: "Å" };
const FLUX_UNITS = { "": "product's own", Jy: "Jy", mJy: "mJy", uJy: "µJy", "MJy/sr": "MJy/sr" };
const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const RANGE = new RegExp(`^\\s*(${NUMBER})\\s*,\\s*(${NUMBER})\\s*(\\S*)\\s*$`);
const VALUE = new RegExp(`^\\s*(${NUMBER})\\s*(\\S*)\\s*$`);

export class SearchForm {
  constructor(schema, holdings, { changed, submitted }) {
    this.low = make("input", { inputmode: "decimal", size: 6, placeholder: "1.2" });
    this.high = make("input", { inputmode: "decimal", size: 6, placeholder: "1.3" });
    this.waveUnit = select(WAVELENGTH_UNITS);
    this.types = holdings.productTypes.map(({ productType }) => ({
      name: productType,
      box: make("input", { type: "checkbox", value: productType }),
    }));
    this.derSnr = make("input", { inputmode: "decimal", size: 5, placeholder: "5" });
    this.snr = make("input", { inputmode: "decimal", size: 5, placeholder: "3" });
    this.flux = make("input", { inputmode: "decimal", size: 6, placeholder: "10" });
    this.fluxUnit = select(FLUX_UNITS);
    this.position = new Position();
    this.good = make("input", { type: "checkbox" });
    this.conditions = new Conditions(schema, changed);
    this.columns = make("input", {
      size: 24,
      placeholder: "targetName,instrument",
      spellcheck: "false",
    });
    this.sort = make("input", { size: 16, placeholder: "-flux", spellcheck: "false" });
    this.limit = make("input", { inputmode: "numeric", size: 6, placeholder: "1000" });
    this.group = make("input", { type: "checkbox" });
    this.kept = [];
    this.element = this.#make();
    this.element.addEventListener("input", changed);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      submitted();
    });
  }

  #make() {
    return make(
      "form",
      { class: "search-form" },
      make(
        "fieldset",
        {},
        make("legend", {}, "Wavelength"),
        make(
          "div",
          { class: "row" },
          field("from", this.low),
          field("to", this.high),
          field("unit", this.waveUnit),
        ),
      ),
      this.#typesFieldset(),
      make(
        "fieldset",
        {},
        make("legend", {}, "Signal"),
        make(
          "div",
          { class: "row" },
          field("S/N of the spectrum above", this.derSnr, "DER_SNR, from the flux alone"),
          field("S/N of the pixel above", this.snr, "flux / fluxErr"),
        ),
        make(
          "div",
          { class: "row" },
          field("flux at least", this.flux),
          field("unit", this.fluxUnit),
          check("only good pixels", this.good),
        ),
      ),
      this.position.element,
      this.conditions.element,
      make(
        "details",
        {},
        make("summary", {}, "What to answer with"),
        make(
          "div",
          { class: "row" },
          field("further columns", this.columns),
          field("order by", this.sort, "a minus first for the highest first"),
          field("at most", this.limit),
        ),
        check("a result for each product, not each pixel", this.group),
      ),
      make(
        "div",
        { class: "row actions" },
        make("button", { class: "primary" }, "Search"),
        make("a", { class: "button", href: "./" }, "Clear"),
      ),
    );
  }

  #typesFieldset() {
    const boxes = this.types.map(({ name, box }) => check(name, box));
    const told =
      "None chosen: x1d alone. Images (s2d) and cubes (s3d) hold the same light as the spectra extracted from them.";
    return make(
      "fieldset",
      {},
      make("legend", {}, "Products"),
      make("div", { class: "row" }, boxes),
      make("p", { class: "hint" }, told),
    );
  }

  /** Show parameters of the API; what no field can show becomes a further condition. */
  fill(query) {
    this.element.reset();
    this.position.clear();
    this.kept = [];
    const rest = [];
    const circle = this.position.fill(query);
    const seen = new Set();
    for (const [name, value] of query) {
      if (circle && ["ra", "dec", "radius"].includes(name)) continue;
      const taken = !seen.has(name) && this.#take(name, value);
      seen.add(name);
      if (!taken) rest.push([name, value]);
    }
    this.conditions.fill(rest);
  }

  #take(name, value) {
    const takers = {
      wavelength: () => this.#takeRange(value),
      "wavelength.gte": () => this.#takeEnd(this.low, value),
      "wavelength.lte": () => this.#takeEnd(this.high, value),
      product: () => this.#takeTypes(value),
      productType: () => this.#takeTypes(value),
      "derSnr.gt": () => takeNumber(this.derSnr, value),
      "snr.gt": () => takeNumber(this.snr, value),
      "flux.gte": () => takeWithUnit(this.flux, this.fluxUnit, value),
      good: () => value.toLowerCase() === "true" && takeCheck(this.good),
      columns: () => takeText(this.columns, value),
      sort_by: () => takeText(this.sort, value),
      limit: () => takeText(this.limit, value),
      group: () => value.toLowerCase() === "true" && takeCheck(this.group),
      // Where the page begins and of which version belong to an answer, not to the question.
      after: () => true,
      version: () => this.kept.push(["version", value]) > 0,
    };
    return takers[name]?.() ?? false;
  }

  #takeRange(value) {
    const match = RANGE.exec(value);
    if (!match || !(normal(match[3]) in WAVELENGTH_UNITS)) return false;
    [this.low.value, this.high.value] = [match[1], match[2]];
    this.waveUnit.value = normal(match[3]);
    return true;
  }

  #takeEnd(input, value) {
    const match = VALUE.exec(value);
    if (!match || !(normal(match[2]) in WAVELENGTH_UNITS) || this.low.value || this.high.value)
      return false;
    input.value = match[1];
    this.waveUnit.value = normal(match[2]);
    return true;
  }

  #takeTypes(value) {
    const names = value.split(",").map((name) => name.trim());
    const all = value.trim() === "all";
    if (!all && names.some((name) => !this.types.some((type) => type.name === name))) return false;
    for (const { name, box } of this.types) box.checked = all || names.includes(name);
    return true;
  }

  /** Return the parameters of the API that the form stands for. */
  query() {
    const query = new URLSearchParams();
    this.#writeWavelength(query);
    const types = this.types.filter(({ box }) => box.checked).map(({ name }) => name);
    if (types.length)
      query.set(
        "product",
        types.length === this.types.length && types.length > 1 ? "all" : types.join(","),
      );
    set(query, "derSnr.gt", this.derSnr.value);
    set(query, "snr.gt", this.snr.value);
    set(query, "flux.gte", this.flux.value && `${this.flux.value} ${this.fluxUnit.value}`);
    if (this.good.checked) query.set("good", "true");
    this.position.write(query);
    for (const [name, value] of this.conditions.pairs()) query.append(name, value);
    set(query, "columns", this.columns.value);
    set(query, "sort_by", this.sort.value);
    if (this.group.checked) query.set("group", "True");
    set(query, "limit", this.limit.value);
    for (const [name, value] of this.kept) query.set(name, value);
    return query;
  }

  #writeWavelength(query) {
    const [low, high, unit] = [this.low.value.trim(), this.high.value.trim(), this.waveUnit.value];
    const written = (value) => `${value} ${unit}`.trim();
    if (low && high) query.set("wavelength", written(`${low},${high}`));
    else if (low) query.set("wavelength.gte", written(low));
    else if (high) query.set("wavelength.lte", written(high));
  }
}

/** Return a check box with its label behind it. */
function check(label, box) {
  box.id ||= uniqueId("box");
  return make("span", { class: "check" }, box, make("label", { for: box.id }, label));
}

function set(query, name, value) {
  const text = (value ?? "").trim();
  if (text) query.set(name, text);
}

function normal(unit) {
  return ["um", "micron"].includes(unit) ? "" : unit;
}

function takeNumber(input, value) {
  return VALUE.exec(value)?.[2] === "" && takeText(input, value);
}

function takeText(input, value) {
  input.value = value;
  return true;
}

function takeCheck(box) {
  box.checked = true;
  return true;
}

function takeWithUnit(input, unit, value) {
  const match = VALUE.exec(value);
  if (!match || ![...unit.options].some((option) => option.value === match[2])) return false;
  [input.value, unit.value] = [match[1], match[2]];
  return true;
}
