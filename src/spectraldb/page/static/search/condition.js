// A condition in the form: any column, with any operator that the column has.

import { fill, make } from "../dom.js";
import { button, hasOption, hint, options, row, select } from "../widgets.js";

export class Condition {
  /** The first parameter is a `Conditions`; `removed` is called by the button that removes this. */
  constructor({ columns, operators, names }, removed) {
    this.columns = columns;
    this.operators = operators;
    this.name = textInput("column", { list: names.id, placeholder: "column" });
    this.operator = select({}, { "aria-label": "operator" });
    this.value = textInput("value");
    this.help = hint();
    const label = "Remove this condition";
    const remove = button("✕", removed, { class: "plain", "aria-label": label });
    const fields = row(this.name, this.operator, this.value, remove);
    this.element = make("div", { class: "condition" }, fields, this.help);
    this.name.addEventListener("input", () => this.#describe());
  }

  focus() {
    this.name.focus();
  }

  /** Show a column, an operator (even one that the column does not have) and a value. */
  show(column, operator, value) {
    this.name.value = column;
    this.value.value = value;
    this.#describe();
    if (!hasOption(this.operator, operator)) {
      this.operator.append(make("option", { value: operator }, operator));
    }
    this.operator.value = operator;
  }

  /** Return the parameter and its value; the parameter is empty if there is no column. */
  pair() {
    const name = this.name.value.trim();
    const operator = this.operator.value;
    return [name && operator ? `${name}.${operator}` : name, this.value.value.trim()];
  }

  /** Show the description of the column, and offer its operators. */
  #describe() {
    const name = this.name.value.trim();
    const column = this.columns.get(name);
    this.#offerOperators(column);
    this.value.placeholder = column?.example ?? "value";
    if (column) this.help.textContent = description(column);
    else this.help.textContent = name ? "No such column." : "";
  }

  #offerOperators(column) {
    const chosen = this.operator.value;
    const offered = this.operators.filter(({ name }) => column?.operators.includes(name) ?? true);
    const pairs = [["", hasRange(column) ? "is (value or low,high)" : "is"]];
    for (const { name, description: label } of offered) pairs.push([name, label]);
    fill(this.operator, options(pairs));
    if (hasOption(this.operator, chosen)) this.operator.value = chosen;
  }
}

function textInput(label, attributes = {}) {
  return make("input", { ...attributes, size: 14, "aria-label": label, spellcheck: "false" });
}

function hasRange(column) {
  return column && column.dtype !== "string" && column.dtype !== "bool";
}

function description(column) {
  const unit = column.units ? ` Unit: ${column.units}.` : "";
  const values = column.values ? ` One of ${column.values.join(", ")}.` : "";
  return `${column.description}.${unit}${values}`;
}
