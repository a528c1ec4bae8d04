// The page's address holds everything that is shown, so that links, bookmarks, back and forward
// work.  A view reads the address, draws, and changes the address when something is chosen.

import { queryString } from "./api.js";

/** Return the parameters of the address, a URLSearchParams of its own. */
export function urlParameters() {
  return new URLSearchParams(location.search);
}

/** Return the address of a view ("", "product") with these parameters. */
export function viewUrl(view, shown) {
  const query = queryString(shown);
  return `./${view}${query && `?${query}`}`;
}

/** Put parameters into the address; "push" makes a step that the back button undoes. */
export function setParameters(shown, how = "push") {
  const query = queryString(shown);
  const target = `${location.pathname}${query && `?${query}`}`;
  if (target === location.pathname + location.search) return;
  if (how === "push") history.pushState(null, "", target);
  else history.replaceState(null, "", target);
}

/** Change some parameters and keep the others; null takes one away. */
export function updateParameters(changes, how = "push") {
  const shown = urlParameters();
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") shown.delete(name);
    else shown.set(name, value);
  }
  setParameters(shown, how);
}

/** Call `f` when the reader goes back or forward. */
export function onNavigation(f) {
  addEventListener("popstate", f);
}
