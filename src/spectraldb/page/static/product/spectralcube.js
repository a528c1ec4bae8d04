// A cube on the server: only the images and spectra that the page shows are retrieved.

import { LatestRequest } from "../api.js";
import { quantity } from "../format.js";
import { BINNED, retrieve } from "./retrieve.js";
import { spectrumSeries } from "./series.js";
import { SkyGrid } from "./sky.js";

const SPAXEL = ["wavelength", "flux", "fluxErr", "dq", "good"];

/** Number of spectra in the cache. */
const CACHE_SIZE = 200;

/** Return the cube of a product. */
export async function loadSpectralCube(uri) {
  const { data } = await retrieve(uri, {}, ["wavelength", "ra", "dec"]);
  return new SpectralCube(uri, data);
}

class SpectralCube {
  constructor(uri, { wavelength, ra, dec }) {
    this.uri = uri;
    this.wavelength = wavelength;
    this.sky = new SkyGrid(ra, dec);
    this.imageRequest = new LatestRequest();
    this.spectrumRequest = new LatestRequest();
    this.pointerRequest = new LatestRequest();
    this.cache = new Map();
  }

  hasPlane(plane) {
    return Number.isInteger(plane) && plane >= 0 && plane < this.wavelength.length;
  }

  /** Return the plane nearest to a wavelength in micron. */
  nearestPlane(um) {
    const distances = this.wavelength.map((value) => Math.abs(value - um));
    return distances.indexOf(Math.min(...distances));
  }

  /** Return a plane as {flux, fluxErr, unit}; null if a later image has been requested. */
  async planeImage(plane) {
    return this.#image({ z: plane }, (array) => array?.[0]);
  }

  /** Like `planeImage`, for a range of wavelengths, "low,high"; for all planes if null. */
  async rangeImage(range, statistic) {
    const limits = range ? { wavelength: range } : {};
    return this.#image({ ...limits, bin: "wavelength", statistic }, (array) => array);
  }

  async #image(selection, toImage) {
    const arrays = ["flux", "fluxErr"];
    const response = await retrieve(this.uri, selection, arrays, this.imageRequest);
    if (!response) return null;
    const { data, column_metadata: metadata } = response;
    const unit = metadata.flux.units ?? "";
    return { flux: toImage(data.flux), fluxErr: toImage(data.fluxErr) ?? null, unit };
  }

  /** Return the spectrum of an aperture; null if a later spectrum has been requested. */
  async apertureSeries({ ra, dec, radius, annulus }, statistic) {
    const selection = { ra, dec, radius: `${radius}arcsec`, bin: "x,y", statistic };
    if (annulus) selection.annulus = `${annulus.inner},${annulus.outer}arcsec`;
    const response = await retrieve(this.uri, selection, BINNED, this.spectrumRequest);
    if (!response) return null;
    return spectrumSeries(response, "flux", apertureName(response, statistic, annulus));
  }

  /** Return the spectrum of a spaxel; null if a later spectrum has been requested. */
  async spaxelSeries(spaxel) {
    return this.#spaxelSeries(spaxel, this.spectrumRequest, "");
  }

  /** Like `spaxelSeries`, for the spaxel under the pointer. */
  async pointerSeries(spaxel) {
    return this.#spaxelSeries(spaxel, this.pointerRequest, "pointer: ");
  }

  async #spaxelSeries({ x, y }, request, prefix) {
    const spectrum = y * this.sky.nx + x;
    const response = await this.#spaxel(spectrum, request);
    return response && spectrumSeries(response, "flux", `${prefix}spaxel ${x}, ${y}`, spectrum);
  }

  async #spaxel(spectrum, request) {
    if (this.cache.has(spectrum)) return this.cache.get(spectrum);
    const response = await retrieve(this.uri, { spectrum }, SPAXEL, request);
    if (!response) return null;
    if (this.cache.size > CACHE_SIZE) this.cache.delete(this.cache.keys().next().value);
    this.cache.set(spectrum, response);
    return response;
  }
}

/** Return the name of the spectrum of an aperture, with the solid angle that a sum used. */
function apertureName({ data, pixelArea }, statistic, annulus) {
  const spaxels = quantity(Math.max(...data.nGood), "spaxel");
  const area = pixelArea ? ` of ${pixelArea.toPrecision(4)} sr` : "";
  return `${statistic} of up to ${spaxels}${area}${annulus ? ", background subtracted" : ""}`;
}
