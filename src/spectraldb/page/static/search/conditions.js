// Further conditions: any column, any operator that it takes.

import { fill, make, uniqueId } from "../dom.js";
import { select } from "../fields.js";

const TABLES = {
  SpectralPixel: "pixel",
  SpectralCharacteristics: "spectrum",
  DataProduct: "product",
};

export class Conditions {
  constructor(schema, changed) {
    this.columns = new Map(
      schema.columns.flatMap((c) => [c.name, ...c.aliases].map((name) => [name, c])),
    );
    this.operators = schema.operators;
    this.changed = changed;
    this.list = make("div", { class: "conditions" });
    this.names = this.#datalist(schema.columns);
    this.element = make(
      "fieldset",
      {},
      make("legend", {}, "More conditions"),
      this.names,
      this.list,
      make(
        "button",
        { type: "button", class: "plain", onclick: () => this.add().focus() },
        "+ Add a condition",
      ),
    );
  }

  #datalist(columns) {
    const options = columns.map((c) =>
      make("option", { value: c.name }, `${TABLES[c.table]}: ${c.description}`),
    );
    return make("datalist", { id: uniqueId("columns") }, options);
  }

  /** Show these conditions, and no others. */
  fill(pairs) {
    fill(this.list);
    for (const [name, value] of pairs) {
      const dot = name.indexOf(".");
      this.add(dot < 0 ? name : name.slice(0, dot), dot < 0 ? "" : name.slice(dot + 1), value);
    }
  }

  /** Add a condition, and return the field that names its column. */
  add(column = "", operator = "", value = "") {
    const name = make("input", {
      list: this.names.id,
      size: 14,
      value: column,
      "aria-label": "column",
      placeholder: "column",
      spellcheck: "false",
    });
    const how = select({}, { "aria-label": "operator" });
    const what = make("input", { size: 14, value, "aria-label": "value", spellcheck: "false" });
    const told = make("p", { class: "hint" });
    const remove = make(
      "button",
      { type: "button", class: "plain", "aria-label": "Remove this condition" },
      "✕",
    );
    const row = make(
      "div",
      { class: "condition" },
      make("div", { class: "row" }, name, how, what, remove),
      told,
    );
    const describe = () => this.#describe(name.value.trim(), how, what, told);
    name.addEventListener("input", describe);
    remove.addEventListener("click", () => {
      row.remove();
      this.changed();
    });
    this.list.append(row);
    describe();
    if (operator && ![...how.options].some((option) => option.value === operator))
      how.append(make("option", { value: operator }, operator));
    how.value = operator;
    return name;
  }

  /** Tell what a column is, and offer the operators that it takes. */
  #describe(name, how, what, told) {
    const column = this.columns.get(name);
    const chosen = how.value;
    const taken = column?.operators ?? this.operators.map(({ name: key }) => key);
    const range = column && column.dtype !== "string" && column.dtype !== "bool";
    const labels = Object.fromEntries(
      this.operators
        .filter(({ name: key }) => taken.includes(key))
        .map((o) => [o.name, o.description]),
    );
    fill(
      how,
      [["", range ? "is, or low,high" : "is"], ...Object.entries(labels)].map(([value, label]) =>
        make("option", { value }, label),
      ),
    );
    if ([...how.options].some((option) => option.value === chosen)) how.value = chosen;
    what.placeholder = column?.example ?? "value";
    const unit = column?.units ? ` In ${column.units}.` : "";
    const words = column?.values ? ` One of ${column.values.join(", ")}.` : "";
    told.textContent = column
      ? `${column.description}.${unit}${words}`
      : name
        ? "No column of that name."
        : "";
  }

  /** Return names and values of the conditions that are filled in. */
  pairs() {
    const pairs = [];
    for (const row of this.list.children) {
      const [name, how, what] = row.querySelectorAll("input, select");
      if (!name.value.trim()) continue;
      pairs.push([name.value.trim() + (how.value && `.${how.value}`), what.value.trim()]);
    }
    return pairs;
  }
}
