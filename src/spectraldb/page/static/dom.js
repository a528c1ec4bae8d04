// Creating and filling DOM elements.

/**
 * Return a new element: `make("a", {href: "x", onclick: f}, "text", child)`.
 * Attributes that are null or false are omitted, and `true` sets an empty attribute.  A function
 * named `on...` becomes a listener of that event.  Text is never parsed as HTML.
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  return fill(element, ...children);
}

/** Replace the children of an element; nested lists are flattened, null is skipped. */
export function fill(element, ...children) {
  const nodes = children.flat().filter((child) => child !== null && child !== undefined);
  element.replaceChildren(...nodes);
  return element;
}

let idCount = 0;

/** Return a new unique element id. */
export function uniqueId(prefix) {
  idCount += 1;
  return `${prefix}-${idCount}`;
}

/** Return a function that calls `f` once it has not been called for `wait` milliseconds. */
export function debounce(f, wait) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => f(...values), wait);
  };
}
