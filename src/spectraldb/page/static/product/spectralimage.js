// The arrays of a 2-D spectrum, arranged with one spectrum per row.

import { toMicron } from "../units.js";
import { retrieve } from "./retrieve.js";

const ARRAYS = ["wavelength", "flux", "fluxErr", "wht", "good"];

/** Return the image of a product; if it has several slits, that of this slit or of the last. */
export async function loadSpectralImage(uri, slit) {
  return new SpectralImage(await retrieve(uri, {}, ARRAYS), slit);
}

class SpectralImage {
  constructor({ dispersion, data, column_metadata: metadata }, slit) {
    this.along = dispersion;
    this.across = dispersion === "x" ? "y" : "x";
    this.unit = metadata.flux.units ?? "";
    this.slitCount = Array.isArray(data.flux[0]?.[0]) ? data.flux.length : 0;
    this.slit = Math.min(slit, Math.max(0, this.slitCount - 1));
    this.flux = this.#rows(data.flux);
    this.fluxErr = this.#rows(data.fluxErr);
    this.weight = this.#rows(data.wht);
    this.good = this.#rows(data.good);
    const wavelength = toMicron(data.wavelength, metadata.wavelength.units);
    /** Wavelengths of each pixel; null if all rows have the same wavelengths. */
    this.wavelengths = this.#rows(wavelength);
    /** Wavelengths of the columns; those of a middle row if rows differ. */
    this.wavelength = this.wavelengths ? middleRow(this.wavelengths) : this.#ofSlit(wavelength);
    this.brightestRow = brightestRow(this.flux);
  }

  #ofSlit(array) {
    return this.slitCount ? array?.[this.slit] : array;
  }

  /** Return a 2-D array of the slit with its spectra in rows; null if it is absent or 1-D. */
  #rows(array) {
    const image = this.#ofSlit(array);
    if (!Array.isArray(image?.[0])) return null;
    return this.along === "x" ? image : transposed(image);
  }

  get rowCount() {
    return this.flux.length;
  }

  /** The flux; null where the weight is 0, because such pixels have no data. */
  get maskedFlux() {
    return this.flux.map((row, y) => row.map((value, x) => (this.isEmpty(y, x) ? null : value)));
  }

  isEmpty(row, column) {
    return this.weight?.[row][column] === 0;
  }

  hasRow(row) {
    return Number.isInteger(row) && row >= 0 && row < this.rowCount;
  }

  wavelengthAt(row, column) {
    return (this.wavelengths?.[row] ?? this.wavelength)[column];
  }

  /** Return a row as a series. */
  rowSeries(row, prefix = "") {
    return {
      name: `${prefix}row ${row}`,
      quantity: "flux",
      unit: this.unit,
      spectrum: row,
      wavelength: this.wavelengths?.[row] ?? this.wavelength,
      flux: this.flux[row],
      fluxErr: this.fluxErr?.[row] ?? null,
      good: this.good?.[row] ?? null,
      dq: null,
      weight: this.weight?.[row] ?? null,
    };
  }
}

/** Return the row with the highest median. */
function brightestRow(rows) {
  const medians = rows.map(median);
  return Math.max(0, medians.indexOf(Math.max(...medians)));
}

function transposed(image) {
  return image[0].map((_, i) => image.map((row) => row[i]));
}

/** Return the middle row of the complete ones; if there is none, the mean of each column. */
function middleRow(rows) {
  const complete = rows.filter((row) => row.every((um) => um !== null && um > 0));
  if (complete.length) return complete[Math.floor(complete.length / 2)];
  return rows[0].map((_, i) => mean(rows.map((row) => row[i]).filter((um) => um !== null)));
}

function mean(values) {
  return values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
}

function median(values) {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : -Infinity;
}
