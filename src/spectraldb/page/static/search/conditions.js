// Further conditions of the form, one row per condition.

import { fill, make, uniqueId } from "../dom.js";
import { button, fieldset } from "../widgets.js";
import { Condition } from "./condition.js";
import { columnsByName } from "./schema.js";

const TABLES = {
  SpectralPixel: "pixel",
  SpectralCharacteristics: "spectrum",
  DataProduct: "product",
};

export class Conditions {
  constructor(schema, changed) {
    this.columns = columnsByName(schema);
    this.operators = schema.operators;
    this.changed = changed;
    this.conditions = [];
    this.list = make("div", { class: "conditions" });
    this.names = columnList(schema.columns);
    const add = button("+ Add condition", () => this.add().focus(), { class: "plain" });
    this.element = fieldset("More conditions", this.names, this.list, add);
  }

  /** Show these conditions: pairs of a parameter and its value. */
  fill(pairs) {
    fill(this.list);
    this.conditions = [];
    for (const [name, value] of pairs) {
      const [column, ...operator] = name.split(".");
      this.add(column, operator.join("."), value);
    }
  }

  /** Add a condition and return it. */
  add(column = "", operator = "", value = "") {
    const removed = () => this.#remove(condition);
    const condition = new Condition(this, removed);
    condition.show(column, operator, value);
    this.conditions.push(condition);
    this.list.append(condition.element);
    return condition;
  }

  #remove(condition) {
    condition.element.remove();
    this.conditions = this.conditions.filter((each) => each !== condition);
    this.changed();
  }

  /** Return [parameter, value] of each condition that has a column. */
  pairs() {
    return this.conditions.map((condition) => condition.pair()).filter(([name]) => name);
  }
}

function columnList(columns) {
  const options = columns.map(({ name, table, description }) =>
    make("option", { value: name }, `${TABLES[table]}: ${description}`),
  );
  return make("datalist", { id: uniqueId("columns") }, options);
}
