// The viewer of cubes: an image of a plane or of a range of wavelengths, and a spectrum.

import { reportErrors } from "../api.js";
import { formatSexagesimal } from "../coordinates.js";
import { debounce, fill, make } from "../dom.js";
import { formatMeasurement } from "../format.js";
import { updateParameters, urlParameters } from "../navigation.js";
import { unitLabel } from "../units.js";
import { loading, notice, panel } from "../widgets.js";
import { changedCircle, markLine, selectionShapes, skyGridTraces } from "./cubemarks.js";
import { imageSelection, spectrumSelection } from "./cubeselection.js";
import { Heatmap } from "./heatmap.js";
import { PlaneControls } from "./planecontrols.js";
import { loadSpectralCube } from "./spectralcube.js";
import { apertureChanges, spaxelChanges, SpectrumControls } from "./spectrumcontrols.js";
import { SpectrumPanel } from "./spectrumpanel.js";

const POINTER_MS = 60;
const LABEL =
  "Image of the cube. Use the fields of this page to select a plane, a spaxel or an aperture.";

/** Options of the plot: circles can be drawn, moved and resized. */
const CONFIG = { edits: { shapePosition: true }, modeBarButtonsToAdd: ["drawcircle"] };

export async function showCube(element, product) {
  fill(element, loading("Reading the cube…"));
  const cube = await loadSpectralCube(product.uri);
  await new CubeView(element, product, cube).show();
}

class CubeView {
  constructor(element, product, cube) {
    this.product = product;
    this.cube = cube;
    /** The current image: {flux, fluxErr, unit}. */
    this.image = null;
    this.imageStatus = make("div", { "aria-live": "polite" });
    this.heatmap = new Heatmap(LABEL);
    this.planeControls = new PlaneControls(cube.wavelength, (changes) =>
      this.#changeImage(changes),
    );
    this.spectrumControls = new SpectrumControls(cube.sky, (changes) =>
      this.#changeSpectrum(changes),
    );
    this.spectrum = new SpectrumPanel(product);
    const image = panel(
      "Image",
      this.imageStatus,
      this.heatmap.element,
      this.planeControls.element,
    );
    const spectrum = panel("Spectrum", this.spectrumControls.element, ...this.spectrum.elements);
    fill(element, make("div", { class: "viewer" }, image, spectrum));
  }

  async show() {
    const showPointer = debounce((x, y) => this.#showPointer(x, y), POINTER_MS);
    this.heatmap.onHover = (y, x) => {
      this.heatmap.setReadout(this.#spaxelText(x, y));
      showPointer(x, y);
    };
    this.heatmap.onClick = (y, x) => this.#changeSpectrum(spaxelChanges(x, y));
    this.heatmap.onRelayout = (event) => this.#applyCircle(event);
    this.spectrum.plot.onClick = (um) => {
      this.#changeImage({ plane: this.cube.nearestPlane(um), range: null });
    };
    await this.#updateImage();
    await this.#updateSpectrum();
  }

  /** Change what the image shows, without a history entry for each step of the slider. */
  #changeImage(changes) {
    updateParameters(changes, "replace");
    this.#updateImage();
  }

  #changeSpectrum(changes) {
    updateParameters(changes);
    this.#updateSpectrum();
  }

  get #spectrumSelection() {
    return spectrumSelection(this.cube, this.image);
  }

  #showSelections(selection) {
    this.planeControls.show(selection);
    this.spectrumControls.show(this.#spectrumSelection);
  }

  async #updateImage() {
    const selection = imageSelection(this.cube);
    const { plane } = selection;
    this.#showSelections(selection);
    this.spectrum.plot.mark(plane === null ? null : this.cube.wavelength[plane]);
    const update = async () => {
      const image = await this.#loadImage(selection);
      if (!image) return;
      fill(this.imageStatus);
      this.image = image;
      await this.#drawImage();
    };
    await reportErrors(update, (error) => fill(this.imageStatus, notice("error", error.message)));
  }

  #loadImage({ plane, range, statistic }) {
    return plane === null ? this.cube.rangeImage(range, statistic) : this.cube.planeImage(plane);
  }

  async #drawImage() {
    const { sky } = this.cube;
    const { flux, unit } = this.image;
    const traces = urlParameters().get("grid") === "off" ? [] : skyGridTraces(sky);
    const image = { rows: flux, unit, ...sky.offsets };
    await this.heatmap.show({ ...image, traces, layout: this.#layout(), config: CONFIG });
  }

  #layout() {
    const axis = { zeroline: false, constrain: "domain" };
    return {
      xaxis: { title: { text: "x offset (arcsec)" }, ...axis },
      yaxis: { title: { text: "y offset (arcsec)" }, scaleanchor: "x", ...axis },
      shapes: selectionShapes(this.cube.sky, this.#spectrumSelection),
      newshape: { line: markLine() },
      uirevision: this.product.uri,
    };
  }

  async #updateSpectrum() {
    const selection = imageSelection(this.cube);
    this.#showSelections(selection);
    if (this.image) await this.#drawImage();
    const { aperture, annulus, spaxel } = this.#spectrumSelection;
    // The brightest spaxel, the default, is not known without an image.
    if (!aperture && !spaxel) return;
    this.spectrum.showProgress("Reading the spectrum…");
    await this.spectrum.show(() =>
      aperture
        ? this.cube.apertureSeries({ ...aperture, annulus }, selection.statistic)
        : this.cube.spaxelSeries(spaxel),
    );
  }

  /** Select the aperture of a circle that the user has drawn or changed. */
  #applyCircle(event) {
    const circle = changedCircle(event, this.heatmap.plot);
    if (!circle) return;
    const [ra, dec] = this.cube.sky.positionAt(circle.x, circle.y);
    this.#changeSpectrum(apertureChanges(ra, dec, circle.radius));
  }

  #spaxelText(x, y) {
    const [ra, dec] = [this.cube.sky.ra[y][x], this.cube.sky.dec[y][x]];
    const { flux, fluxErr, unit } = this.image;
    return [
      `x ${x}, y ${y}`,
      formatSexagesimal(ra, dec),
      `${ra.toFixed(6)} ${dec.toFixed(6)}`,
      formatMeasurement(flux[y][x], fluxErr?.[y]?.[x], unitLabel(unit), 8),
    ].join("   ");
  }

  async #showPointer(x, y) {
    const update = async () => {
      const series = await this.cube.pointerSeries({ x, y });
      if (series) await this.spectrum.showPointer(series);
    };
    await reportErrors(update, (error) => this.heatmap.setReadout(error.message));
  }
}
