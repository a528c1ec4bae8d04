// "Copy as": an address of the API, ready for the place where it will be used.

import { make } from "./dom.js";

/**
 * Return a menu that copies; `ways` are {name, text, title} and are asked for when it opens.
 */
export function copyMenu(ways) {
  const list = make("ul", { class: "menu-list" });
  const told = make("span", { class: "menu-status", role: "status" });
  const menu = make("details", { class: "menu" }, make("summary", {}, "Copy as"), list);
  menu.addEventListener("toggle", () => {
    told.textContent = "";
    list.replaceChildren(
      ...ways().map((way) => make("li", {}, button(way, told))),
      make("li", {}, told),
    );
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  return menu;
}

function button({ name, text, title }, told) {
  return make(
    "button",
    {
      type: "button",
      title,
      onclick: async () => {
        told.textContent = (await copy(text)) ? `${name} copied` : "Copying is not allowed here";
      },
    },
    name,
  );
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text);
  }
}

/** Pages that come by plain HTTP from another machine have no clipboard of the newer kind. */
function copyOldWay(text) {
  const area = make("textarea", { readonly: true, class: "visually-hidden" });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

/** Return a script that asks this server with the client; `lines` follow the making of `db`. */
export function pythonScript(...lines) {
  const server = new URL(".", document.baseURI).href.replace(/\/$/, "");
  return [
    "from spectraldb import SpectralDB",
    "",
    `db = SpectralDB(${JSON.stringify(server)})`,
    ...lines,
    "",
  ].join("\n");
}

/** Return text in single quotes for a POSIX shell. */
export function shellQuoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
