// Fields of a form, each with its label.

import { make, uniqueId } from "./dom.js";

/** Return a field under its label; a hint is read out with it. */
export function field(label, input, hint = null) {
  input.id ||= uniqueId("field");
  const told = hint && make("span", { class: "visually-hidden", id: `${input.id}-hint` }, hint);
  if (told) {
    input.setAttribute("aria-describedby", told.id);
    input.title = hint;
  }
  return make("span", { class: "field" }, make("label", { for: input.id }, label), input, told);
}

/** Show a value in a field, unless the reader is writing in it. */
export function setUnlessFocused(input, value) {
  if (document.activeElement !== input) input.value = value;
}

/** Return a choice of values with their labels: an object, or pairs where the order matters. */
export function select(choices, attributes = {}) {
  const pairs = Array.isArray(choices) ? choices : Object.entries(choices);
  const options = pairs.map(([value, label]) => make("option", { value }, label));
  return make("select", attributes, options);
}
