// Making elements.

/**
 * Return a new element: `make("a", {href: "x", onclick: f}, "text", child)`.
 * Attributes that are null or false are left out, `true` is an empty attribute, and functions
 * called `on...` listen to that event.  Text is never read as HTML.
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Replace all that an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(
    ...children.flat().filter((child) => child !== null && child !== undefined),
  );
  return element;
}

let made = 0;

/** Return an id that no other element has. */
export function uniqueId(stem) {
  made += 1;
  return `${stem}-${made}`;
}

/** Return a notice: kind is "info", "warning" or "error"; errors are read out at once. */
export function notice(kind, ...children) {
  return make(
    "div",
    { class: `notice ${kind}`, role: kind === "error" ? "alert" : "status" },
    ...children,
  );
}

/** Return what stands where something is being fetched. */
export function loading(text = "Loading …") {
  return make("p", { class: "loading", role: "status" }, text);
}

/** Return a function that runs `f` when it has not been called again for `wait` milliseconds. */
export function debounce(f, wait) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => f(...values), wait);
  };
}
