// The viewer of 1-D products: one of their spectra, spectra overlaid on it, and its values.

import { fetchJson, LatestRequest, reportErrors } from "../api.js";
import { fill, make } from "../dom.js";
import { updateParameters, urlParameters } from "../navigation.js";
import { group, loading, notice, panel, row, toggle } from "../widgets.js";
import { spectrumChooser } from "./chooser.js";
import { numbersTable, responseColumns } from "./numbers.js";
import { Overlay } from "./overlay.js";
import { retrieveSpectrum } from "./retrieve.js";
import { spectrumSeries } from "./series.js";
import { SpectrumPlot } from "./spectrumplot.js";

const NO_PIXELS = "This spectrum has no pixels, because the source is not in the exposure.";

export async function showSpectra(element, product) {
  await new SpectraView(element, product).show();
}

class SpectraView {
  constructor(element, product) {
    this.product = product;
    this.request = new LatestRequest();
    this.choices = row();
    this.status = make("div", { "aria-live": "polite" });
    this.plot = new SpectrumPlot();
    this.overlay = new Overlay(product, () => this.draw());
    this.numbers = make("div", {});
    const parts = [this.choices, this.status, this.plot.element, this.overlay.element];
    fill(element, panel("Spectrum", ...parts, this.numbers));
  }

  async show() {
    const parameters = new URLSearchParams({ uri: this.product.uri });
    /** Arrays with one value per spectrum of the product. */
    this.statistics = (await fetchJson("retrieve/derived", parameters)).data;
    await this.draw();
  }

  /** The spectrum in the URL, else the first that has pixels. */
  get spectrum() {
    const parameters = urlParameters();
    const spectrum = Number(parameters.get("spectrum"));
    if (parameters.has("spectrum") && Number.isInteger(spectrum)) return spectrum;
    // The spectra of sources that are not in an exposure have no pixels.
    return Math.max(
      0,
      this.statistics.nPixels.findIndex((count) => count > 0),
    );
  }

  async draw() {
    fill(this.status, loading("Reading the spectrum…"));
    const update = async () => {
      const response = await retrieveSpectrum(this.product, this.spectrum, this.request);
      if (response) await this.#drawResponse(response);
    };
    await reportErrors(update, (error) => fill(this.status, notice("error", error.message)));
  }

  async #drawResponse(response) {
    const quantity = this.#quantity(response.data);
    const own = spectrumSeries(response, quantity, this.#name(), this.spectrum);
    const { series, messages } = await this.overlay.load(quantity, own.unit);
    const notices = messages.map((text) => notice("warning", text));
    fill(this.status, notices, own.flux.length ? null : notice("info", NO_PIXELS));
    this.#fillChoices(response.data, quantity);
    await this.plot.show([own, ...series]);
    fill(this.numbers, numbersTable(responseColumns(response), this.product, this.spectrum));
  }

  #name() {
    const single = this.statistics.spectrum.length === 1;
    return single
      ? this.product.fileName.replace(/\.fits(\.gz)?$/, "")
      : `spectrum ${this.spectrum}`;
  }

  /** Return the quantity in the URL, else the one from which the statistics were derived. */
  #quantity({ flux, surfBright = [] }) {
    const available = { flux: hasValues(flux), surfBright: hasValues(surfBright) };
    const chosen = urlParameters().get("what");
    if (available[chosen]) return chosen;
    const measured = this.statistics.snrFrom[this.statistics.spectrum.indexOf(this.spectrum)];
    return measured === "surfBright" && available.surfBright ? "surfBright" : "flux";
  }

  #fillChoices({ surfBright }, quantity) {
    const choose = (name, label) =>
      toggle(label, quantity === name, () => this.#change({ what: name, unit: null }));
    const toggles = [choose("flux", "Flux"), choose("surfBright", "Surface brightness")];
    const chooser = spectrumChooser(this.statistics, this.spectrum, (spectrum) =>
      this.#change({ spectrum }),
    );
    fill(this.choices, chooser, surfBright ? group("Quantity", ...toggles) : null);
  }

  #change(changes) {
    updateParameters(changes);
    this.draw();
  }
}

function hasValues(values) {
  return values.some((value) => value !== null);
}
