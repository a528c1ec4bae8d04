// Asking the API.  Addresses are relative to the page's own, so that it works behind a proxy
// that serves it under a path of its own.

export const API = "spectra/api/v0.1";

/** An error that the API told of, or that asking it met; `message` is for the reader. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Return the address of an endpoint, such as "search/count"; parameters are a URLSearchParams. */
export function apiUrl(path, parameters = new URLSearchParams()) {
  const query = queryString(parameters);
  return new URL(`${API}/${path}${query && `?${query}`}`, document.baseURI).href;
}

/** Return parameters as a query that people can read: commas, colons and slashes as they are. */
export function queryString(parameters) {
  return parameters.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
}

/**
 * Return the answer of an endpoint.
 * A request whose `signal` is aborted throws an AbortError: the server then ends its work too.
 */
export async function fetchJson(path, parameters, signal) {
  let response;
  try {
    response = await fetch(apiUrl(path, parameters), {
      signal,
      headers: { accept: "application/json" },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("The server does not answer. Is it still running?", 0);
  }
  const answer = await response.json().catch(() => null);
  if (answer === null)
    throw new ApiError(`The server's answer (${response.status}) cannot be read.`, response.status);
  if (!response.ok) throw new ApiError(answer.message, response.status);
  return answer;
}

/** Asks one thing at a time: a new question ends the one before. */
export class LatestRequest {
  #controller = null;

  /** As `fetchJson`, but null where a later question has come meanwhile. */
  async fetch(path, parameters) {
    this.abort();
    const controller = new AbortController();
    this.#controller = controller;
    try {
      const answer = await fetchJson(path, parameters, controller.signal);
      return controller.signal.aborted ? null : answer;
    } catch (error) {
      if (controller.signal.aborted) return null;
      throw error;
    }
  }

  /** End the question that is open, if one is. */
  abort() {
    this.#controller?.abort();
    this.#controller = null;
  }
}

let schema = null;

/** Return the columns and operators of searches; fetched once. */
export function fetchSchema() {
  schema ??= fetchJson("search/columns");
  return schema;
}
