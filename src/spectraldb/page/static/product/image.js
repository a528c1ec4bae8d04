// The viewer of 2-D spectra: the image, the spectrum of a row and of a range of rows.

import { ApiError, LatestRequest } from "../api.js";
import { updateParameters, urlParameters } from "../navigation.js";
import { fill, loading, make, notice } from "../dom.js";
import { formatNumber } from "../format.js";
import { field, select } from "../fields.js";
import { unitLabel } from "../units.js";
import { themeColour } from "../plot.js";
import { Heatmap } from "./heatmap.js";
import { numbers } from "./numbers.js";
import { binnedSeries, retrieve } from "./retrieve.js";
import { SpectrumPlot } from "./spectrumplot.js";

export async function showImage(element, row) {
  fill(element, loading("Reading the image …"));
  const answer = await retrieve(row.uri, {}, ["wavelength", "flux", "fluxErr", "wht", "good"]);
  const view = new ImageView(element, row, answer);
  await view.show();
}

/** Return an image with its spectra in rows. */
function inRows(image, along) {
  return along === "x" ? image : image[0].map((_, i) => image.map((line) => line[i]));
}

class ImageView {
  constructor(element, row, answer) {
    this.row = row;
    this.request = new LatestRequest();
    this.along = answer.dispersion;
    this.across = this.along === "x" ? "y" : "x";
    this.unit = answer.column_metadata.flux.units ?? "";
    this.slits = Array.isArray(answer.data.flux[0]?.[0]) ? answer.data.flux.length : 0;
    this.#takeArrays(answer.data);
    this.state = make("div", { "aria-live": "polite" });
    const [image, spectrum] = [make("div", {}), make("div", {})];
    this.heatmap = new Heatmap(
      image,
      `Image of ${this.flux.length} spectra; choose rows by the fields below it`,
    );
    this.plot = new SpectrumPlot(spectrum);
    this.below = make("div", {});
    fill(
      element,
      make(
        "div",
        { class: "viewer rows" },
        make("section", { class: "panel", "aria-label": "Image" }, image, this.#controls()),
        make(
          "section",
          { class: "panel", "aria-label": "Spectrum of rows" },
          this.state,
          spectrum,
          this.below,
        ),
      ),
    );
  }

  #takeArrays(data) {
    const slit = Math.min(Number(urlParameters().get("slit") ?? 0), Math.max(0, this.slits - 1));
    const of = (array) => (array && this.slits ? array[slit] : array);
    const image = (array) => (Array.isArray(of(array)?.[0]) ? inRows(of(array), this.along) : null);
    this.slit = slit;
    this.flux = image(data.flux);
    this.error = data.fluxErr ? image(data.fluxErr) : null;
    this.weight = data.wht ? image(data.wht) : null;
    this.good = data.good ? image(data.good) : null;
    const wavelength = of(data.wavelength);
    this.wavelengths = Array.isArray(wavelength[0]) ? inRows(wavelength, this.along) : null;
    this.wavelength = this.wavelengths ? middle(this.wavelengths) : wavelength;
  }

  #controls() {
    const last = this.flux.length - 1;
    const rowField = (value) => make("input", { type: "number", min: 0, max: last, value });
    [this.first, this.last] = [rowField(0), rowField(0)];
    this.how = select({ mean: "mean", sum: "sum" });
    this.how.value = urlParameters().get("statistic") === "sum" ? "sum" : "mean";
    const apply = () => this.#choose(Number(this.first.value), Number(this.last.value));
    // One row that is shown moves with its first field; the last field makes it a range.
    this.first.addEventListener("change", () => {
      const [first, last] = [Number(this.first.value), Number(this.last.value)];
      if (this.single || last < first) this.last.value = first;
      apply();
    });
    for (const input of [this.last, this.how]) input.addEventListener("change", apply);
    return make(
      "div",
      {},
      make(
        "div",
        { class: "row controls" },
        this.#slitChoice(),
        field(`first row (${this.across}), 0 to ${last}`, this.first),
        field("last row", this.last),
        field("rows put together by", this.how),
      ),
      make(
        "p",
        { class: "hint" },
        "Move over the image to see the spectrum of a row; click to keep it, shift-click another for all rows between.",
      ),
    );
  }

  #slitChoice() {
    if (!this.slits) return null;
    const choice = select(
      Object.fromEntries(Array.from({ length: this.slits }, (_, i) => [i, `slit ${i}`])),
    );
    choice.value = this.slit;
    choice.addEventListener("change", () => {
      updateParameters({ slit: choice.value, rows: null });
      // The other slit's image has another shape.
      location.reload();
    });
    return field("slit", choice);
  }

  get #rows() {
    const [first, last] = (urlParameters().get("rows") ?? urlParameters().get("spectrum") ?? "")
      .split(",")
      .map(Number);
    const inside = (row) => Number.isInteger(row) && row >= 0 && row < this.flux.length;
    if (urlParameters().get("rows") || urlParameters().get("spectrum")) {
      if (inside(first)) return [first, inside(last) ? last : first];
    }
    const brightest = this.flux
      .map((row) => median(row))
      .reduce((best, value, i, all) => (value > (all[best] ?? -Infinity) ? i : best), 0);
    return [brightest, brightest];
  }

  async show() {
    this.heatmap.hovered = (row, column) => this.#hover(row, column);
    this.heatmap.clicked = (row, _, event) =>
      event.shiftKey ? this.#choose(this.#rows[0], row) : this.#choose(row, row);
    this.plot.onClick((um) => this.plot.mark(um));
    await this.#drawImage();
    await this.#drawRows();
  }

  async #drawImage() {
    const [first, last] = this.#rows;
    const usable = this.wavelength.every((um) => um !== null && um > 0);
    const edge = (y) => ({
      type: "line",
      xref: "paper",
      x0: 0,
      x1: 1,
      y0: y,
      y1: y,
      line: { color: themeColour("series-2"), width: 1.5 },
    });
    const file = this.along === "y" ? " (the file's x; its dispersion runs along y)" : "";
    await this.heatmap.show({
      // Where there is no weight there are no data, whatever number stands there.
      rows: this.flux.map((line, y) =>
        line.map((value, x) => (this.weight?.[y][x] === 0 ? null : value)),
      ),
      unit: this.unit,
      x: usable ? this.wavelength : this.wavelength.map((_, i) => i),
      y: this.flux.map((_, i) => i),
      layout: {
        xaxis: { title: { text: usable ? "Wavelength (µm)" : `index along ${this.along}` } },
        yaxis: { title: { text: `row ${this.across}${file}` } },
        shapes: [edge(first - 0.5), edge(last + 0.5)],
        uirevision: this.row.uri,
      },
    });
  }

  #hover(row, column) {
    const error = this.error?.[row]?.[column];
    const um = this.wavelengths ? this.wavelengths[row][column] : this.wavelength[column];
    const told = [
      `${this.across} ${row}, ${this.along} ${column}`,
      `${formatNumber(um, 8)} µm`,
      `${formatNumber(this.flux[row][column], 8)}${error === undefined || error === null ? "" : ` ± ${formatNumber(error, 5)}`} ${unitLabel(this.unit)}`,
    ];
    if (this.weight?.[row][column] === 0) told.push("no weight: no data");
    this.heatmap.tell(told.join("   "));
    if (row === this.hoveredRow) return;
    this.hoveredRow = row;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() =>
      this.plot.show([this.kept, this.#seriesOf(row, "pointer: ")].filter(Boolean)),
    );
  }

  /** Return the spectrum of a row of the image. */
  #seriesOf(row, before = "") {
    return {
      name: `${before}row ${row}`,
      what: "flux",
      unit: this.unit,
      wavelength: this.wavelengths ? this.wavelengths[row] : this.wavelength,
      flux: this.flux[row],
      fluxErr: this.error?.[row] ?? null,
      good: this.good?.[row] ?? null,
      dq: null,
      weight: this.weight?.[row] ?? null,
    };
  }

  #choose(first, last) {
    const inside = (row) => Math.min(this.flux.length - 1, Math.max(0, Math.trunc(row) || 0));
    const rows = [inside(first), inside(last)].sort((a, b) => a - b);
    updateParameters({
      rows: rows[0] === rows[1] ? rows[0] : rows.join(","),
      spectrum: null,
      statistic: this.how.value === "sum" ? "sum" : null,
    });
    this.#drawImage();
    this.#drawRows();
  }

  async #drawRows() {
    const [first, last] = this.#rows;
    [this.first.value, this.last.value] = [first, last];
    this.single = first === last;
    this.request.abort();
    try {
      if (this.single) this.kept = this.#seriesOf(first);
      else if (!(await this.#fetchRows(first, last))) return;
      fill(this.state);
      await this.plot.show([this.kept]);
      fill(
        this.below,
        numbers(
          {
            data: {
              wavelength: this.kept.wavelength,
              flux: this.kept.flux,
              fluxErr: this.kept.fluxErr ?? [],
            },
            column_metadata: this.#told(),
          },
          this.row,
          first === last ? first : undefined,
        ),
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.state, notice("error", make("p", {}, error.message)));
    }
  }

  /** Returns whether these rows are still the ones to show. */
  async #fetchRows(first, last) {
    fill(this.state, loading("Putting rows together …"));
    const words = {
      [this.across]: `${first},${last}`,
      bin: this.across,
      statistic: this.how.value,
    };
    const answer = await retrieve(
      this.row.uri,
      words,
      ["wavelength", "flux", "fluxErr", "nGood"],
      this.request,
    );
    if (answer) this.kept = binnedSeries(answer, `${this.how.value} of rows ${first} to ${last}`);
    return answer !== null;
  }

  #told() {
    const of = (units, description) => ({ units, description });
    return {
      wavelength: of("um", "wavelength in vacuum"),
      flux: of(this.unit, "flux"),
      fluxErr: of(this.unit, "1-sigma error of the flux"),
    };
  }
}

/** Return the middle row that has wavelengths all along; where none has, the mean of each column. */
function middle(rows) {
  const whole = rows.filter((row) => row.every((um) => um !== null && um > 0));
  if (whole.length) return whole[Math.floor(whole.length / 2)];
  return rows[0].map((_, i) => mean(rows.map((row) => row[i]).filter((um) => um !== null)));
}

function mean(values) {
  return values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
}

function median(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : -Infinity;
}
