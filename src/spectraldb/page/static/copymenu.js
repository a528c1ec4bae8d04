// The "Copy as" menu: an API request in the form that another tool accepts.

import { make } from "./dom.js";
import { button, menu } from "./widgets.js";

/** Return a menu of texts to copy; it calls `entries` for {name, text, title} when it opens. */
export function copyMenu(entries) {
  const list = make("ul", { class: "menu-list" });
  const status = make("span", { class: "menu-status", role: "status" });
  const element = menu("Copy as", list);
  element.addEventListener("toggle", () => {
    status.textContent = "";
    const buttons = entries().map((entry) => copyButton(entry, status));
    list.replaceChildren(...[...buttons, status].map((item) => make("li", {}, item)));
  });
  closeOnEscape(element);
  closeOnClickOutside(element);
  return element;
}

function closeOnEscape(element) {
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    element.open = false;
    element.querySelector("summary").focus();
  });
}

function closeOnClickOutside(element) {
  addEventListener("click", (event) => {
    if (!element.contains(event.target)) element.open = false;
  });
}

function copyButton({ name, text, title }, status) {
  const onclick = async () => {
    status.textContent = (await copy(text))
      ? `${name} copied`
      : "The browser does not allow copying";
  };
  return button(name, onclick, { title });
}

/** Copy text to the clipboard; returns whether it succeeded. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(text);
  }
}

/** Copy a selection: pages served over plain HTTP have no `navigator.clipboard`. */
function copySelection(text) {
  const area = make("textarea", { readonly: true, class: "visually-hidden" });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

/** Return a script for the Python client, connected to this server; `lines` use `db`. */
export function pythonScript(...lines) {
  const server = new URL(".", document.baseURI).href.replace(/\/$/, "");
  const head = ["from spectraldb import SpectralDB", ""];
  return [...head, `db = SpectralDB(${JSON.stringify(server)})`, ...lines, ""].join("\n");
}

/** Return text in single quotes for a POSIX shell. */
export function shellQuoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
