// The state of the page is in its URL, so that links, bookmarks, back and forward work.  A view
// draws itself from the URL, and updates the URL when the user changes something.

import { queryString } from "./api.js";

/** Return a copy of the URL's parameters. */
export function urlParameters() {
  return new URLSearchParams(location.search);
}

/** Return the URL of a view ("", "product") with these parameters. */
export function viewUrl(view, parameters) {
  const query = queryString(parameters);
  return `./${view}${query && `?${query}`}`;
}

/** Set the URL's parameters; "push" adds an entry to the history, "replace" does not. */
export function setParameters(parameters, how = "push") {
  const query = queryString(parameters);
  const url = `${location.pathname}${query && `?${query}`}`;
  if (url === location.pathname + location.search) return;
  if (how === "push") history.pushState(null, "", url);
  else history.replaceState(null, "", url);
}

/** Return parameters with changes applied; null removes a parameter. */
export function withChanges(parameters, changes) {
  const changed = new URLSearchParams(parameters);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") changed.delete(name);
    else changed.set(name, value);
  }
  return changed;
}

/** Change some of the URL's parameters; null removes a parameter. */
export function updateParameters(changes, how = "push") {
  setParameters(withChanges(urlParameters(), changes), how);
}

/** Call `listener` when the user goes back or forward. */
export function onNavigation(listener) {
  addEventListener("popstate", listener);
}
