// Spectra in the form that plots need.

import { toMicron } from "../units.js";

/**
 * A spectrum to draw.
 *
 * @typedef {object} Series
 * @property {string} name
 * @property {string} quantity "flux" or "surfBright".
 * @property {string} unit Unit of `flux` and `fluxErr`.
 * @property {number} [spectrum] Number of the spectrum in its product; absent if binned.
 * @property {number[]} wavelength In micron.
 * @property {number[]} flux
 * @property {?number[]} fluxErr
 * @property {?boolean[]} good Whether each pixel is good, from the API.
 * @property {?number[]} dq
 * @property {?object} flags Values of the flags of `dq` by their mnemonics.
 * @property {?number[]} weight
 */

/** Return a response with one spectrum as a series. */
export function spectrumSeries(response, quantity, name, spectrum) {
  const { data, column_metadata: metadata } = response;
  const errors = quantity === "flux" ? data.fluxErr : data.sbErr;
  return {
    name,
    quantity,
    unit: metadata[quantity].units ?? "",
    spectrum,
    wavelength: toMicron(data.wavelength, metadata.wavelength.units),
    flux: data[quantity],
    fluxErr: errors ?? null,
    good: data.good ?? null,
    dq: data.dq ?? null,
    flags: metadata.dq?.flags ?? null,
    weight: data.weight ?? null,
  };
}

/** Return the columns of a series for a table of its values. */
export function seriesColumns({ wavelength, flux, fluxErr, unit }) {
  const columns = [
    { name: "wavelength", values: wavelength, unit: "um", description: "wavelength in vacuum" },
    { name: "flux", values: flux, unit, description: "flux" },
    { name: "fluxErr", values: fluxErr, unit, description: "1-sigma error of the flux" },
  ];
  return columns.filter(({ values }) => values !== null);
}
