// Inputs of the form, each for one or more parameters.  `show` shows a value and returns whether
// the input can show it; `write` adds the parameter to a query, unless the input is empty.

import { make } from "../dom.js";
import { hasOption, select } from "../widgets.js";

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const RANGE = new RegExp(`^\\s*(${NUMBER})\\s*,\\s*(${NUMBER})\\s*(\\S*)\\s*$`);
const VALUE = new RegExp(`^\\s*(${NUMBER})\\s*(\\S*)\\s*$`);

const WAVELENGTH_UNITS = { "": "µm", nm: "nm", Angstrom: "Å" };
const FLUX_UNITS = {
  "": "unit of the product",
  Jy: "Jy",
  mJy: "mJy",
  uJy: "µJy",
  "MJy/sr": "MJy/sr",
};

/** Text, passed on unchanged. */
export class TextInput {
  constructor(parameter, attributes) {
    this.parameters = [parameter];
    this.input = make("input", attributes);
  }

  show(value) {
    this.input.value = value;
    return true;
  }

  write(query) {
    setText(query, this.parameters[0], this.input.value);
  }
}

/** A number without a unit. */
export class NumberInput extends TextInput {
  show(value) {
    return VALUE.exec(value)?.[2] === "" && super.show(value);
  }
}

/** A number with a flux unit. */
export class FluxInput extends TextInput {
  constructor(parameter, attributes) {
    super(parameter, attributes);
    this.unit = select(FLUX_UNITS);
  }

  show(value) {
    const match = VALUE.exec(value);
    if (!match || !hasOption(this.unit, match[2])) return false;
    [this.input.value, this.unit.value] = [match[1], match[2]];
    return true;
  }

  write(query) {
    const { value } = this.input;
    setText(query, this.parameters[0], value && `${value} ${this.unit.value}`);
  }
}

/** A check box; if it is checked, its parameter has the value `text`. */
export class CheckInput {
  constructor(parameter, text) {
    this.parameters = [parameter];
    this.text = text;
    this.box = make("input", { type: "checkbox" });
  }

  show(value) {
    if (value.toLowerCase() !== "true") return false;
    this.box.checked = true;
    return true;
  }

  write(query) {
    if (this.box.checked) query.set(this.parameters[0], this.text);
  }
}

/** The limits of a wavelength range; either may be absent. */
export class WavelengthInput {
  parameters = ["wavelength", "wavelength.gte", "wavelength.lte"];

  constructor() {
    this.low = make("input", { inputmode: "decimal", size: 6, placeholder: "1.2" });
    this.high = make("input", { inputmode: "decimal", size: 6, placeholder: "1.3" });
    this.unit = select(WAVELENGTH_UNITS);
  }

  show(value, parameter) {
    if (parameter === "wavelength") return this.#showRange(value);
    return this.#showLimit(parameter === "wavelength.gte" ? this.low : this.high, value);
  }

  #showRange(value) {
    const match = RANGE.exec(value);
    if (!match || !this.#showUnit(match[3])) return false;
    [this.low.value, this.high.value] = [match[1], match[2]];
    return true;
  }

  /** Show one limit, unless the other is shown: the two may have different units. */
  #showLimit(input, value) {
    const match = VALUE.exec(value);
    if (!match || this.low.value || this.high.value || !this.#showUnit(match[2])) return false;
    input.value = match[1];
    return true;
  }

  #showUnit(text) {
    const unit = ["um", "micron"].includes(text) ? "" : text;
    if (!(unit in WAVELENGTH_UNITS)) return false;
    this.unit.value = unit;
    return true;
  }

  write(query) {
    const [low, high] = [this.low.value.trim(), this.high.value.trim()];
    const withUnit = (value) => `${value} ${this.unit.value}`;
    if (low && high) setText(query, "wavelength", withUnit(`${low},${high}`));
    else if (low) setText(query, "wavelength.gte", withUnit(low));
    else if (high) setText(query, "wavelength.lte", withUnit(high));
  }
}

/** Check boxes for the product types in the lake. */
export class ProductTypeInput {
  parameters = ["product", "productType"];

  constructor(names) {
    this.boxes = new Map(
      names.map((name) => [name, make("input", { type: "checkbox", value: name })]),
    );
  }

  show(value) {
    const names = value.split(",").map((name) => name.trim());
    const all = value.trim() === "all";
    if (!all && !names.every((name) => this.boxes.has(name))) return false;
    for (const [name, box] of this.boxes) box.checked = all || names.includes(name);
    return true;
  }

  write(query) {
    const boxes = [...this.boxes.values()];
    const names = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    const all = names.length === boxes.length && names.length > 1;
    setText(query, "product", all ? "all" : names.join(","));
  }
}

/** Set a parameter, unless its value is blank. */
function setText(query, name, value) {
  const text = value.trim();
  if (text) query.set(name, text);
}
