// The viewer of 2-D spectra: the image, and the spectrum of one row or of a range of rows.

import { LatestRequest } from "../api.js";
import { fill, make } from "../dom.js";
import { formatMeasurement, formatNumber, quantity } from "../format.js";
import { updateParameters, urlParameters } from "../navigation.js";
import { themeColour } from "../plot.js";
import { unitLabel } from "../units.js";
import { loading, panel } from "../widgets.js";
import { Heatmap } from "./heatmap.js";
import { BINNED, retrieve } from "./retrieve.js";
import { RowControls } from "./rowcontrols.js";
import { spectrumSeries } from "./series.js";
import { loadSpectralImage } from "./spectralimage.js";
import { SpectrumPanel } from "./spectrumpanel.js";
import { statisticParameter } from "./statistic.js";

export async function showImage(element, product) {
  fill(element, loading("Reading the image…"));
  const slit = Number(urlParameters().get("slit") ?? 0);
  const image = await loadSpectralImage(product.uri, slit);
  await new ImageView(element, product, image).show();
}

class ImageView {
  constructor(element, product, image) {
    this.product = product;
    this.image = image;
    this.request = new LatestRequest();
    const help = "Use the fields below to select rows.";
    this.heatmap = new Heatmap(
      `Image of ${quantity(image.rowCount, "spectrum", "spectra")}. ${help}`,
    );
    this.controls = new RowControls(image, (first, last) => this.#select(first, last));
    this.spectrum = new SpectrumPanel(product);
    const panels = [
      panel("Image", this.heatmap.element, this.controls.element),
      panel("Spectrum of rows", ...this.spectrum.elements),
    ];
    fill(element, make("div", { class: "viewer rows" }, panels));
  }

  async show() {
    this.heatmap.onHover = (row, column) => this.#hover(row, column);
    this.heatmap.onClick = (row, _, event) =>
      this.#select(event.shiftKey ? this.#rows[0] : row, row);
    this.spectrum.plot.onClick = (um) => this.spectrum.plot.mark(um);
    await this.#drawImage();
    await this.#drawSpectrum();
  }

  /** The first and last row in the URL, else the brightest row. */
  get #rows() {
    const parameters = urlParameters();
    const text = parameters.get("rows") ?? parameters.get("spectrum");
    if (text) {
      const [first, last] = text.split(",").map(Number);
      if (this.image.hasRow(first)) return [first, this.image.hasRow(last) ? last : first];
    }
    const { brightestRow } = this.image;
    return [brightestRow, brightestRow];
  }

  async #drawImage() {
    const { image } = this;
    const hasWavelengths = image.wavelength.every((um) => um !== null && um > 0);
    await this.heatmap.show({
      rows: image.maskedFlux,
      unit: image.unit,
      x: hasWavelengths ? image.wavelength : image.wavelength.map((_, i) => i),
      y: image.flux.map((_, i) => i),
      layout: this.#layout(hasWavelengths),
    });
  }

  #layout(hasWavelengths) {
    const { along, across } = this.image;
    const [first, last] = this.#rows;
    const name = along === "y" ? `${across} in the file; dispersion along y` : across;
    return {
      xaxis: { title: { text: hasWavelengths ? "Wavelength (µm)" : `Index along ${along}` } },
      yaxis: { title: { text: `Row (${name})` } },
      shapes: [rowEdge(first - 0.5), rowEdge(last + 0.5)],
      uirevision: this.product.uri,
    };
  }

  #hover(row, column) {
    this.heatmap.setReadout(this.#pixelText(row, column));
    if (row === this.hoveredRow) return;
    this.hoveredRow = row;
    cancelAnimationFrame(this.frame);
    const series = this.image.rowSeries(row, "pointer: ");
    this.frame = requestAnimationFrame(() => this.spectrum.showPointer(series));
  }

  #pixelText(row, column) {
    const { along, across, unit, flux, fluxErr } = this.image;
    const error = fluxErr?.[row][column];
    const texts = [
      `${across} ${row}, ${along} ${column}`,
      `${formatNumber(this.image.wavelengthAt(row, column), 8)} µm`,
      formatMeasurement(flux[row][column], error, unitLabel(unit), 8),
    ];
    if (this.image.isEmpty(row, column)) texts.push("no data (weight 0)");
    return texts.join("   ");
  }

  /** Select the rows from one to another, both included. */
  #select(row, otherRow) {
    const last = this.image.rowCount - 1;
    const clamped = [row, otherRow].map((n) => Math.min(last, Math.max(0, Math.trunc(n) || 0)));
    const [low, high] = [Math.min(...clamped), Math.max(...clamped)];
    const statistic = statisticParameter(this.controls.statistic.value);
    updateParameters({ rows: low === high ? low : `${low},${high}`, spectrum: null, statistic });
    this.#drawImage();
    this.#drawSpectrum();
  }

  async #drawSpectrum() {
    const [first, last] = this.#rows;
    this.controls.show(first, last);
    this.request.abort();
    await this.spectrum.show(() => {
      return first === last ? this.image.rowSeries(first) : this.#fetchRows(first, last);
    });
  }

  /** Return a range of rows combined; null if other rows have been selected since. */
  async #fetchRows(first, last) {
    this.spectrum.showProgress("Combining rows…");
    const { across } = this.image;
    const statistic = this.controls.statistic.value;
    const selection = { [across]: `${first},${last}`, bin: across, statistic };
    const response = await retrieve(this.product.uri, selection, BINNED, this.request);
    return response && spectrumSeries(response, "flux", `${statistic} of rows ${first} to ${last}`);
  }
}

function rowEdge(y) {
  const line = { color: themeColour("series-2"), width: 1.5 };
  return { type: "line", xref: "paper", x0: 0, x1: 1, y0: y, y1: y, line };
}
