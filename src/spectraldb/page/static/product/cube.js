// The viewer of cubes: an image of a plane or of a range of wavelengths, and spectra of it.
// Only what is looked at is fetched: one image, and the spectrum of one place.

import { ApiError, LatestRequest } from "../api.js";
import { updateParameters, urlParameters } from "../navigation.js";
import { debounce, fill, loading, make, notice } from "../dom.js";
import { formatNumber } from "../format.js";
import { themeColour } from "../plot.js";
import { unitLabel } from "../units.js";
import { readAperture, writeAperture } from "./aperture.js";
import { CubeControls } from "./cubecontrols.js";
import { Heatmap } from "./heatmap.js";
import { numbers } from "./numbers.js";
import { binnedSeries, retrieve, seriesOf } from "./retrieve.js";
import { sexagesimal, Sky } from "./sky.js";
import { SpectrumPlot } from "./spectrumplot.js";

const HOVER_MS = 60;
const CACHED = 200;
/** Seen on the colours of an image, whatever the page's. */
const GRID = "rgba(255, 255, 255, .65)";

export async function showCube(element, row) {
  fill(element, loading("Reading the cube …"));
  const answer = await retrieve(row.uri, {}, ["wavelength", "ra", "dec"]);
  const view = new CubeView(element, row, answer.data);
  await view.show();
}

class CubeView {
  constructor(element, row, { wavelength, ra, dec }) {
    this.row = row;
    this.wavelength = wavelength;
    this.sky = new Sky(ra, dec);
    this.asking = {
      image: new LatestRequest(),
      spectrum: new LatestRequest(),
      hover: new LatestRequest(),
    };
    this.cache = new Map();
    this.state = make("div", { "aria-live": "polite" });
    this.spectrumState = make("div", { "aria-live": "polite" });
    const [image, spectrum] = [make("div", {}), make("div", {})];
    this.heatmap = new Heatmap(
      image,
      "Image of the cube; the fields below it choose plane, spaxel and aperture",
    );
    this.controls = new CubeControls(wavelength, this.sky, (changes, what) =>
      this.#change(changes, what),
    );
    this.plot = new SpectrumPlot(spectrum);
    this.below = make("div", {});
    fill(
      element,
      make(
        "div",
        { class: "viewer" },
        make(
          "section",
          { class: "panel", "aria-label": "Image" },
          this.state,
          image,
          this.controls.image,
        ),
        make(
          "section",
          { class: "panel", "aria-label": "Spectrum" },
          this.controls.place,
          this.spectrumState,
          spectrum,
          this.below,
        ),
      ),
    );
  }

  async show() {
    this.heatmap.hovered = (y, x) => this.#hover(x, y);
    this.heatmap.clicked = (y, x) =>
      this.#change({ spaxel: `${x},${y}`, aperture: null, spectrum: null }, "place");
    this.heatmap.moved = (event) => this.#drawn(event);
    this.plot.onClick((um) => this.#change({ plane: this.#nearest(um), range: null }, "image"));
    await this.#drawImage();
    await this.#drawSpectrum();
  }

  #change(changes, what) {
    updateParameters(changes, changes.plane === undefined ? "push" : "replace");
    if (what === "image") this.#drawImage();
    else this.#drawSpectrum();
  }

  /** What the address says: a plane, or a range of wavelengths and how it is put together. */
  get #shown() {
    const shown = urlParameters();
    const at =
      shown.get("at") && !shown.has("range") ? this.#nearest(Number(shown.get("at"))) : null;
    const plane = shown.has("plane") ? Number(shown.get("plane")) : at;
    return {
      plane: Number.isInteger(plane) && plane >= 0 && plane < this.wavelength.length ? plane : null,
      range: shown.get("range"),
      statistic: shown.get("statistic") === "sum" ? "sum" : "mean",
      aperture: readAperture(shown.get("aperture")),
    };
  }

  #nearest(um) {
    return this.wavelength.reduce(
      (best, value, i, all) => (Math.abs(value - um) < Math.abs(all[best] - um) ? i : best),
      0,
    );
  }

  async #drawImage() {
    const { plane, range, statistic } = this.#shown;
    this.controls.tell(this.#shown, this.#place());
    this.plot.mark(plane === null ? null : this.wavelength[plane]);
    const words =
      plane === null
        ? { ...(range ? { wavelength: range } : {}), bin: "wavelength", statistic }
        : { z: plane };
    try {
      const answer = await retrieve(this.row.uri, words, ["flux", "fluxErr"], this.asking.image);
      if (!answer) return;
      fill(this.state);
      const one = (array) => (plane === null ? array : array?.[0]);
      this.image = one(answer.data.flux);
      this.imageError = one(answer.data.fluxErr) ?? null;
      this.unit = answer.column_metadata.flux.units ?? "";
      await this.#showImage();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.state, notice("error", make("p", {}, error.message)));
    }
  }

  async #showImage() {
    const { x, y } = this.sky.offsets;
    const grid = (z) => ({
      type: "contour",
      z,
      x,
      y,
      showscale: false,
      hoverinfo: "skip",
      ncontours: 6,
      line: { color: GRID, width: 0.7 },
      contours: {
        coloring: "none",
        showlabels: true,
        labelfont: { size: 10, color: GRID },
        labelformat: ".5f",
      },
    });
    await this.heatmap.show({
      rows: this.image,
      unit: this.unit,
      x,
      y,
      traces: urlParameters().get("grid") === "off" ? [] : [grid(this.sky.ra), grid(this.sky.dec)],
      layout: {
        xaxis: {
          title: { text: "along x, arcsec from the middle" },
          zeroline: false,
          constrain: "domain",
        },
        yaxis: {
          title: { text: "along y, arcsec" },
          scaleanchor: "x",
          zeroline: false,
          constrain: "domain",
        },
        shapes: this.#shapes(),
        newshape: { line: { color: themeColour("series-2"), width: 2 } },
        uirevision: this.row.uri,
      },
      config: { edits: { shapePosition: true }, modeBarButtonsToAdd: ["drawcircle"] },
    });
  }

  /** Return the marks of the place whose spectrum is shown: a circle, or a spaxel's square. */
  #shapes() {
    const { aperture } = this.#shown;
    const line = { color: themeColour("series-2"), width: 2 };
    if (aperture) {
      const [x, y] = this.sky.offsetOf(aperture.ra, aperture.dec);
      return [
        {
          type: "circle",
          x0: x - aperture.radius,
          x1: x + aperture.radius,
          y0: y - aperture.radius,
          y1: y + aperture.radius,
          line,
          editable: true,
        },
      ];
    }
    const place = this.#place();
    if (!place) return [];
    const { x, y } = this.sky.offsets;
    const [hx, hy] = [this.sky.scaleX / 2, this.sky.scaleY / 2];
    return [
      {
        type: "rect",
        x0: x[place.x] - hx,
        x1: x[place.x] + hx,
        y0: y[place.y] - hy,
        y1: y[place.y] + hy,
        line,
        editable: false,
      },
    ];
  }

  /** Take over a circle that was drawn, moved or resized. */
  #drawn(event) {
    const made = event.shapes?.filter(({ type }) => type === "circle").at(-1);
    const edited = Object.keys(event).some((key) => /^shapes\[\d+\]\.[xy][01]$/.test(key));
    const circle =
      made ??
      (edited ? this.heatmap.plot.layout.shapes.find(({ type }) => type === "circle") : null);
    if (!circle) return;
    const [ra, dec] = this.sky.at((circle.x0 + circle.x1) / 2, (circle.y0 + circle.y1) / 2);
    const radius = (Math.abs(circle.x1 - circle.x0) + Math.abs(circle.y1 - circle.y0)) / 4;
    this.#change(
      { aperture: writeAperture(ra, dec, radius), spaxel: null, spectrum: null },
      "place",
    );
  }

  /** Return the spaxel whose spectrum is shown: the one asked for, else the brightest. */
  #place() {
    const shown = urlParameters();
    if (shown.has("spaxel")) {
      const [x, y] = shown.get("spaxel").split(",").map(Number);
      if (this.#holds(x, y)) return { x, y };
    }
    if (shown.has("spectrum")) {
      const number = Number(shown.get("spectrum"));
      const [x, y] = [number % this.sky.nx, Math.floor(number / this.sky.nx)];
      if (this.#holds(x, y)) return { x, y };
    }
    return this.image ? brightest(this.image) : null;
  }

  #holds(x, y) {
    return (
      Number.isInteger(x) &&
      Number.isInteger(y) &&
      x >= 0 &&
      y >= 0 &&
      x < this.sky.nx &&
      y < this.sky.ny
    );
  }

  async #drawSpectrum() {
    const { aperture, statistic } = this.#shown;
    this.controls.tell(this.#shown, this.#place());
    if (this.image) await this.#showImage();
    fill(this.spectrumState, loading("Reading the spectrum …"));
    try {
      const kept = aperture
        ? await this.#ofAperture(aperture, statistic)
        : await this.#ofSpaxel(this.#place(), this.asking.spectrum);
      if (!kept) return;
      fill(this.spectrumState);
      this.kept = kept;
      await this.plot.show([kept]);
      fill(
        this.below,
        numbers(
          {
            data: { wavelength: kept.wavelength, flux: kept.flux, fluxErr: kept.fluxErr ?? [] },
            column_metadata: this.#told(),
          },
          this.row,
          kept.spectrum,
        ),
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.spectrumState, notice("error", make("p", {}, error.message)));
    }
  }

  async #ofAperture({ ra, dec, radius }, statistic) {
    const words = { ra, dec, radius: `${radius}arcsec`, bin: "x,y", statistic };
    const answer = await retrieve(
      this.row.uri,
      words,
      ["wavelength", "flux", "fluxErr", "nGood"],
      this.asking.spectrum,
    );
    if (!answer) return null;
    const most = Math.max(...answer.data.nGood);
    return binnedSeries(answer, `${statistic} of up to ${most} spaxels`);
  }

  async #ofSpaxel({ x, y }, request, before = "") {
    const spectrum = y * this.sky.nx + x;
    if (!this.cache.has(spectrum)) {
      const answer = await retrieve(
        this.row.uri,
        { spectrum },
        ["wavelength", "flux", "fluxErr", "dq", "good"],
        request,
      );
      if (!answer) return null;
      if (this.cache.size > CACHED) this.cache.delete(this.cache.keys().next().value);
      this.cache.set(spectrum, answer);
    }
    const series = seriesOf(this.cache.get(spectrum), "flux", `${before}spaxel ${x}, ${y}`);
    return { ...series, spectrum };
  }

  #hover(x, y) {
    const [ra, dec] = [this.sky.ra[y][x], this.sky.dec[y][x]];
    const error = this.imageError?.[y]?.[x];
    const value = `${formatNumber(this.image[y][x], 8)}${error === undefined || error === null ? "" : ` ± ${formatNumber(error, 5)}`} ${unitLabel(this.unit)}`;
    this.heatmap.tell(
      `x ${x}, y ${y}   ${sexagesimal(ra, dec)}   ${ra.toFixed(6)} ${dec.toFixed(6)}   ${value}`,
    );
    this.hoverSpectrum(x, y);
  }

  hoverSpectrum = debounce(async (x, y) => {
    try {
      const under = await this.#ofSpaxel({ x, y }, this.asking.hover, "pointer: ");
      if (under && this.kept) await this.plot.show([this.kept, under]);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.heatmap.tell(error.message);
    }
  }, HOVER_MS);

  #told() {
    const of = (units, description) => ({ units, description });
    return {
      wavelength: of("um", "wavelength in vacuum"),
      flux: of(this.unit, "flux"),
      fluxErr: of(this.unit, "1-sigma error of the flux"),
    };
  }
}

function brightest(image) {
  let best = { x: 0, y: 0 };
  let most = -Infinity;
  image.forEach((row, y) =>
    row.forEach((value, x) => {
      if (value !== null && value > most) {
        most = value;
        best = { x, y };
      }
    }),
  );
  return best;
}
