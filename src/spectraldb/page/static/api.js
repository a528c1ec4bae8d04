// Requests to the API.  URLs are relative to that of the page, so that it works behind a proxy that
// serves it under a path prefix.

export const API = "spectra/api/v0.1";

/** An error response of the API, or a failed request; `message` is for the user. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Return the URL of an endpoint, such as "search/count"; `parameters` are URLSearchParams. */
export function apiUrl(path, parameters = new URLSearchParams()) {
  const query = queryString(parameters);
  return new URL(`${API}/${path}${query && `?${query}`}`, document.baseURI).href;
}

/** Return parameters as a readable query string: commas, colons and slashes are not escaped. */
export function queryString(parameters) {
  return parameters.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
}

/**
 * Return the JSON of an endpoint; throws an ApiError for an error response.
 * If `signal` is aborted, an AbortError is thrown and the server cancels its work too.
 */
export async function fetchJson(path, parameters, signal) {
  const response = await send(apiUrl(path, parameters), signal);
  const { status } = response;
  const content = await response.json().catch(() => null);
  if (content === null)
    throw new ApiError(`The server's response (status ${status}) is not valid JSON.`, status);
  if (!response.ok) throw new ApiError(content.message, status);
  return content;
}

async function send(url, signal) {
  try {
    return await fetch(url, { signal, headers: { accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("The server does not respond. Check that it is running.", 0);
  }
}

/** Sends one request at a time: a new request aborts the previous one. */
export class LatestRequest {
  #controller = null;

  /** Like `fetchJson`, but returns null if a later request has replaced this one. */
  async fetch(path, parameters) {
    this.abort();
    const controller = new AbortController();
    this.#controller = controller;
    try {
      const content = await fetchJson(path, parameters, controller.signal);
      return controller.signal.aborted ? null : content;
    } catch (error) {
      if (controller.signal.aborted) return null;
      throw error;
    }
  }

  /** Abort the pending request, if any. */
  abort() {
    this.#controller?.abort();
    this.#controller = null;
  }
}

let schema = null;

/** Return the columns and operators of searches, which are fetched once. */
export function fetchSchema() {
  schema ??= fetchJson("search/columns");
  return schema;
}

/** Call `f`; an ApiError is passed to `report`, any other error is thrown. */
export async function reportErrors(f, report) {
  try {
    await f();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    report(error);
  }
}
