// Arrays of products from the API.

import { ApiError, fetchJson } from "../api.js";

/** The arrays of a spectrum to draw; not every file has all of them. */
const SPECTRUM = ["wavelength", "flux", "fluxErr", "surfBright", "sbErr"];
const ARRAYS = {
  x1d: [...SPECTRUM, "dq", "good"],
  x1dints: [...SPECTRUM, "dq", "good"],
  c1d: [...SPECTRUM, "weight", "good"],
};

/** The arrays of binned pixels. */
export const BINNED = ["wavelength", "flux", "fluxErr", "nGood"];

/**
 * Return a response of `retrieve` with these arrays, or with all arrays if the product lacks one.
 * `selection` has further parameters.  Returns null if `request` has sent a later request.
 */
export async function retrieve(uri, selection, arrays, request = { fetch: fetchJson }) {
  const response = await retrieveExactly(uri, selection, arrays, request);
  if (response !== undefined) return response;
  const all = await request.fetch("retrieve", new URLSearchParams({ uri, ...selection }));
  if (!all || !arrays.includes("good")) return all;
  // `good` is not in the file, so it is returned only if a request names it.
  const mask = await retrieveExactly(uri, selection, ["good"], request);
  if (mask === null) return null;
  return { ...all, data: { ...all.data, good: mask?.data.good } };
}

/** Return a response with these arrays; undefined if the product lacks one. */
async function retrieveExactly(uri, selection, arrays, request) {
  const parameters = new URLSearchParams({ uri, ...selection, columns: arrays.join(",") });
  try {
    return await request.fetch("retrieve", parameters);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    return undefined;
  }
}

/** Return a spectrum of a 1-D product. */
export function retrieveSpectrum({ uri, productType }, spectrum, request) {
  return retrieve(uri, { spectrum }, ARRAYS[productType] ?? ARRAYS.x1d, request);
}
