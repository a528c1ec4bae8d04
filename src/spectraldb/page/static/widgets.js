// Elements that are used by several views.

import { make, uniqueId } from "./dom.js";

/** Return a row of elements, which wraps on narrow screens. */
export function row(...children) {
  return make("div", { class: "row" }, ...children);
}

/** Return a row of fields that control a plot. */
export function controls(...fields) {
  return make("div", { class: "row controls" }, ...fields);
}

/** Return a labelled row of related elements; screen readers announce the label. */
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

/** Return a button, with further attributes. */
export function button(label, onclick, attributes = {}) {
  return make("button", { type: "button", ...attributes, onclick }, label);
}

/** Return a toggle button. */
export function toggle(label, pressed, onclick) {
  return button(label, onclick, { "aria-pressed": String(pressed) });
}

/** Return an input below its label; the description is a tooltip and is read by screen readers. */
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

/** Return a check box followed by its label. */
export function check(label, box) {
  box.id ||= uniqueId("box");
  return make("span", { class: "check" }, box, make("label", { for: box.id }, label));
}

/** Return a select element; `choices` map values to labels, or are pairs if order matters. */
export function select(choices, attributes = {}) {
  return make("select", attributes, options(choices));
}

/** Return the options of a select element. */
export function options(choices) {
  const pairs = Array.isArray(choices) ? choices : Object.entries(choices);
  return pairs.map(([value, label]) => make("option", { value }, label));
}

/** Set the value of an input, unless the user is editing it. */
export function setUnlessFocused(input, value) {
  if (document.activeElement !== input) input.value = value;
}

/** Return a short explanation. */
export function hint(...children) {
  return make("p", { class: "hint" }, ...children);
}

/** Return a notice of a kind: "info", "warning" or "error"; errors are announced at once. */
export function notice(kind, text) {
  const role = kind === "error" ? "alert" : "status";
  return make("div", { class: `notice ${kind}`, role }, make("p", {}, text));
}

/** Return a progress message. */
export function loading(text = "Loading…") {
  return make("p", { class: "loading", role: "status" }, text);
}

/** Return whether a select element has an option with this value. */
export function hasOption(element, value) {
  return [...element.options].some((each) => each.value === value);
}

/** Return a table in a box that scrolls, also by keyboard. */
export function scrollTable(label, headings, tbody, className = "scroll") {
  const head = make("thead", {}, make("tr", {}, headings));
  const attributes = { class: className, tabindex: 0, role: "region", "aria-label": label };
  return make("div", attributes, make("table", {}, head, tbody));
}
