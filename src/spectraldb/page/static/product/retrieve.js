// Spectra from the API, in the form that plots take.

import { ApiError, fetchJson } from "../api.js";

/**
 * The arrays that a spectrum is drawn from; not every file has all.  `good` is the API's own answer
 * to which pixels are good.
 */
const ARRAYS = {
  x1d: ["wavelength", "flux", "fluxErr", "surfBright", "sbErr", "dq", "good"],
  x1dints: ["wavelength", "flux", "fluxErr", "surfBright", "sbErr", "dq", "good"],
  c1d: ["wavelength", "flux", "fluxErr", "surfBright", "sbErr", "weight", "good"],
};

/** Return an answer of `retrieve`; if the file lacks an array of those wanted, with all it has. */
export async function retrieve(uri, selection, arrays, request = { fetch: fetchJson }) {
  const answer = await retrieveArrays(uri, selection, arrays, request);
  if (answer !== undefined) return answer;
  const all = await request.fetch("retrieve", new URLSearchParams({ uri, ...selection }));
  if (!all || !arrays.includes("good")) return all;
  const good = await retrieveArrays(uri, selection, ["good"], request);
  if (good === null) return null;
  return { ...all, data: { ...all.data, good: good?.data.good } };
}

/** Return an answer with these arrays, undefined if the product does not have them all. */
async function retrieveArrays(uri, selection, arrays, request) {
  const columns = arrays.join(",");
  try {
    return await request.fetch("retrieve", new URLSearchParams({ uri, ...selection, columns }));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    return undefined;
  }
}

/** Return a spectrum of a 1-D product. */
export function retrieveSpectrum(row, spectrum, request) {
  return retrieve(row.uri, { spectrum }, ARRAYS[row.productType] ?? ARRAYS.x1d, request);
}

/** Return a spectrum of a 1-D product as a series to draw: `what` is "flux" or "surfBright". */
export function seriesOf(answer, what, name) {
  const { data, column_metadata: metadata } = answer;
  return {
    name,
    what,
    wavelength: data.wavelength,
    flux: data[what],
    fluxErr: data[what === "flux" ? "fluxErr" : "sbErr"] ?? null,
    good: data.good ?? null,
    dq: data.dq ?? null,
    weight: data.weight ?? null,
    unit: metadata[what].units ?? "",
  };
}

/** Return an answer of `bin` as a series: pixels that nothing good went into have no flux. */
export function binnedSeries(answer, name) {
  const { data, column_metadata: told } = answer;
  return {
    name,
    what: "flux",
    wavelength: data.wavelength,
    flux: data.flux,
    fluxErr: data.fluxErr,
    good: null,
    dq: null,
    weight: null,
    unit: told.flux.units ?? "",
  };
}
