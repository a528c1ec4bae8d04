// Spectra from the API, in the form that plots take.

import { ApiError, ask } from "../api.js";

/** The arrays that a spectrum is drawn from; not every file has all. */
const WANTED = {
  x1d: "wavelength,flux,fluxErr,surfBright,sbErr,dq",
  x1dints: "wavelength,flux,fluxErr,surfBright,sbErr,dq",
  c1d: "wavelength,flux,fluxErr,surfBright,sbErr,weight",
};

/** Return an answer of `retrieve`; where the file lacks an array that is wanted, with all it has. */
export async function retrieve(uri, words, wanted, asker = { ask }) {
  const asked = new URLSearchParams({ uri, ...words });
  if (wanted) asked.set("columns", wanted);
  try {
    return await asker.ask("retrieve", asked);
  } catch (error) {
    if (!(error instanceof ApiError) || !error.message.startsWith("columns:")) throw error;
    asked.delete("columns");
    return asker.ask("retrieve", asked);
  }
}

/** Return a spectrum of a 1-D product. */
export function retrieveSpectrum(row, spectrum, asker) {
  return retrieve(row.uri, { spectrum }, WANTED[row.productType] ?? null, asker);
}

/**
 * Return a spectrum of a 1-D product as a series to draw: `what` is "flux" or "surfBright".
 * Bad pixels are those of the vocabulary's `good`: wavelength, flux and error finite, the error
 * above 0, DO_NOT_USE (bit 0 of dq) not set; of combined spectra (c1d) the weight above 0.
 */
export function seriesOf(answer, what, name, href = null) {
  const { data, column_metadata: told } = answer;
  const values = data[what];
  const errors = data[what === "flux" ? "fluxErr" : "sbErr"] ?? null;
  const reasons = data.wavelength.map((wavelength, i) => badReason(data, wavelength, i));
  return {
    name,
    href,
    what,
    wavelength: data.wavelength,
    flux: values,
    fluxErr: errors,
    bad: reasons.map((reason) => reason !== ""),
    reasons,
    dq: data.dq ?? null,
    unit: told[what].units ?? "",
  };
}

function badReason(data, wavelength, i) {
  if (wavelength === null) return "no wavelength";
  if (data.flux[i] === null) return "no flux";
  if (data.fluxErr && data.fluxErr[i] === null) return "no error";
  if (data.fluxErr && !(data.fluxErr[i] > 0)) return "error of 0";
  if (data.dq && data.dq[i] & 1) return "DO_NOT_USE";
  if (data.weight && !(data.weight[i] > 0)) return "no weight";
  return "";
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
    bad: null,
    reasons: null,
    dq: null,
    unit: told.flux.units ?? "",
  };
}
