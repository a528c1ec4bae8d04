// Elements that several views use.

import { make, uniqueId } from "./dom.js";

/** Return a row of elements; it wraps where there is no room. */
export function row(...children) {
  return make("div", { class: "row" }, ...children);
}

/** Return a row of fields that control a plot. */
export function controls(...fields) {
  return make("div", { class: "row controls" }, ...fields);
}

/** Return a row whose elements belong together; assistive technology announces the label. */
export function group(label, ...children) {
  return make("div", { class: "row", role: "group", "aria-label": label }, ...children);
}

/** Return a framed section. */
export function panel(label, ...children) {
  return make("section", { class: "panel", "aria-label": label }, ...children);
}

/** Return a fieldset with its legend. */
export function fieldset(legend, ...children) {
  return make("fieldset", {}, make("legend", {}, legend), ...children);
}

/** Return a menu that opens its list below its label. */
export function menu(label, list) {
  return make("details", { class: "menu" }, make("summary", {}, label), list);
}

/** Return a menu whose items are links: {label, href, download}. */
export function linkMenu(label, links) {
  const items = links.map(({ label: text, ...attributes }) =>
    make("li", {}, make("a", attributes, text)),
  );
  return menu(label, make("ul", { class: "menu-list" }, items));
}

/** Return a button; `attributes` add to its own. */
export function button(label, onclick, attributes = {}) {
  return make("button", { type: "button", ...attributes, onclick }, label);
}

/** Return a button that is shown as pressed or not. */
export function toggle(label, pressed, onclick) {
  return button(label, onclick, { "aria-pressed": String(pressed) });
}

/** Return an input under its label; a description is read out with it. */
export function field(label, input, description = null) {
  input.id ||= uniqueId("field");
  const labelElement = make("label", { for: input.id }, label);
  const parts = [labelElement, input, description && describe(input, description)];
  return make("span", { class: "field" }, parts);
}

function describe(input, description) {
  const id = `${input.id}-hint`;
  input.setAttribute("aria-describedby", id);
  input.title = description;
  return make("span", { class: "visually-hidden", id }, description);
}

/** Return a check box with its label behind it. */
export function check(label, box) {
  box.id ||= uniqueId("box");
  return make("span", { class: "check" }, box, make("label", { for: box.id }, label));
}

/** Return a select element: `choices` map values to labels; pairs where the order matters. */
export function select(choices, attributes = {}) {
  return make("select", attributes, options(choices));
}

/** Return the options of a select element. */
export function options(choices) {
  const pairs = Array.isArray(choices) ? choices : Object.entries(choices);
  return pairs.map(([value, label]) => make("option", { value }, label));
}

/** Set the value of an input, unless the reader is editing it. */
export function setUnlessFocused(input, value) {
  if (document.activeElement !== input) input.value = value;
}

/** Return a short explanation. */
export function hint(...children) {
  return make("p", { class: "hint" }, ...children);
}

/** Return a notice: kind is "info", "warning" or "error"; errors are read out at once. */
export function notice(kind, text) {
  const role = kind === "error" ? "alert" : "status";
  return make("div", { class: `notice ${kind}`, role }, make("p", {}, text));
}

/** Return a progress message. */
export function loading(text = "Loading …") {
  return make("p", { class: "loading", role: "status" }, text);
}

/** Return whether a select element has an option of this value. */
export function hasOption(element, value) {
  return [...element.options].some((each) => each.value === value);
}

/** Return a table in a box that scrolls, by keyboard too. */
export function scrollTable(label, headings, tbody, className = "scroll") {
  const head = make("thead", {}, make("tr", {}, headings));
  const attributes = { class: className, tabindex: 0, role: "region", "aria-label": label };
  return make("div", attributes, make("table", {}, head, tbody));
}
