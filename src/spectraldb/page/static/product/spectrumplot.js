// A plot of spectra: units, limits, error bands, flagged pixels and lines.

import { fill, make } from "../dom.js";
import { quantity } from "../format.js";
import { robustLimits } from "../limits.js";
import { updateParameters, urlParameters } from "../navigation.js";
import { drawPlot, themeColour, verticalLine } from "../plot.js";
import { fluxUnits, SPECTRAL, unitLabel } from "../units.js";
import { check, controls, field, select } from "../widgets.js";
import { LineMarks } from "./linemarks.js";
import { convertSeries, seriesTraces } from "./traces.js";

const QUANTITIES = { flux: "Flux", surfBright: "Surface brightness" };

/**
 * A plot of spectra with its controls, whose state is in the URL: `wave`, `unit`, `log`,
 * `limits`, `lines` and `redshift`.
 */
export class SpectrumPlot {
  constructor() {
    this.series = [];
    this.onClick = null;
    this.marked = null;
    this.controls = controls();
    this.plot = make("div", { class: "plot", role: "group" });
    this.summary = make("p", { class: "hint", role: "status" });
    this.lines = new LineMarks(() => this.#draw());
    this.element = make("div", {}, this.controls, this.plot, this.summary);
  }

  /** Show series (see series.js); `onClick` is called with the wavelength of a clicked pixel. */
  async show(series) {
    this.series = series;
    await this.lines.ready;
    this.#fillControls();
    await this.#draw();
    if (this.listening) return;
    this.listening = true;
    this.plot.on("plotly_click", ({ points: [point] }) => this.onClick?.(point.customdata));
  }

  /** Mark a wavelength in micron with a line; null removes the mark. */
  mark(um) {
    this.marked = um;
    if (this.series.length) this.#draw();
  }

  get #quantity() {
    return QUANTITIES[this.series[0]?.quantity] ?? QUANTITIES.flux;
  }

  get #units() {
    return fluxUnits(this.series[0]?.unit ?? "");
  }

  /** The settings in the URL. */
  get #settings() {
    const parameters = urlParameters();
    const [wave, unit] = [parameters.get("wave"), parameters.get("unit")];
    return {
      wave: wave in SPECTRAL ? wave : "um",
      unit: this.#units.includes(unit) ? unit : this.#units[0],
      log: parameters.get("log") ?? "",
      allValues: parameters.get("limits") === "full",
      at: parameters.get("at") ? Number(parameters.get("at")) : null,
    };
  }

  #fillControls() {
    const { wave, unit, log, allValues } = this.#settings;
    const setLimits = (all) => this.#change({ limits: all ? "full" : null });
    fill(
      this.controls,
      field("Spectral axis", this.#waveSelect(wave)),
      field(`${this.#quantity} unit`, this.#unitSelect(unit)),
      checkBox("Log x", log.includes("x"), (on) => this.#setLog("x", on)),
      checkBox("Log y", log.includes("y"), (on) => this.#setLog("y", on)),
      checkBox("All values", allValues, setLimits),
      this.lines.element,
    );
  }

  #waveSelect(value) {
    const input = select(Object.entries(SPECTRAL).map(([name, { label }]) => [name, label]));
    input.value = value;
    input.addEventListener("change", () => {
      this.#change({ wave: input.value === "um" ? null : input.value });
    });
    return input;
  }

  #unitSelect(value) {
    const units = this.#units;
    const input = select(units.map((name) => [name, unitLabel(name) || "no unit"]));
    input.value = value;
    input.addEventListener("change", () => {
      this.#change({ unit: input.value === units[0] ? null : input.value });
    });
    return input;
  }

  #setLog(axis, on) {
    const { log } = this.#settings;
    const axes = ["x", "y"].filter((name) => (name === axis ? on : log.includes(name)));
    this.#change({ log: axes.join("") });
  }

  #change(changes) {
    updateParameters(changes);
    this.#draw();
  }

  async #draw() {
    const settings = this.#settings;
    const converted = this.series.map((series) => convertSeries(series, settings));
    const values = converted.flatMap(({ goodValues }) => goodValues);
    const limits = settings.allValues ? null : robustLimits(values);
    this.#summarize(converted, limits);
    const traces = converted.flatMap((each, i) => seriesTraces(each, i, converted.length));
    await drawPlot(this.plot, traces, this.#layout(settings, limits, converted));
  }

  #layout(settings, limits, converted) {
    const { axis, label, fromMicron } = SPECTRAL[settings.wave];
    const [logX, logY] = ["x", "y"].map((name) => settings.log.includes(name));
    const { shapes, annotations } = this.lines.marks(fromMicron, rangeOf(converted));
    const yTitle = `${this.#quantity} (${unitLabel(settings.unit)})`;
    return {
      xaxis: { title: { text: `${axis} (${label})` }, type: axisType(logX) },
      yaxis: { title: { text: yTitle }, type: axisType(logY), ...yRange(limits, logY) },
      shapes: [...shapes, ...this.#wavelengthMarks(settings.at, fromMicron)],
      annotations,
      hovermode: "closest",
      showlegend: converted.length > 1 || converted.some(({ flaggedCount }) => flaggedCount),
      // Zoom and pan are kept while only the marks change.
      uirevision: JSON.stringify([settings, this.series.map(({ name }) => name)]),
    };
  }

  #wavelengthMarks(at, fromMicron) {
    const wavelengths = [this.marked, at].filter((um) => um !== null);
    return wavelengths.map((um) => verticalLine(fromMicron(um), themeColour("accent"), "dash"));
  }

  #summarize(converted, limits) {
    const texts = converted.map(({ name, flux }) => `${name}: ${quantity(flux.length, "pixel")}`);
    const flagged = converted.reduce((sum, { flaggedCount }) => sum + flaggedCount, 0);
    if (flagged) texts.push(quantity(flagged, "flagged pixel"));
    if (limits?.outside) {
      const outside = quantity(limits.outside, "good pixel");
      texts.push(`${outside} outside the range of the axis (shown by All values)`);
    }
    const text = texts.join("; ");
    this.summary.textContent = text;
    this.plot.setAttribute("aria-label", `Spectrum: ${text}. The data table below has the values.`);
  }
}

function checkBox(label, checked, changed) {
  const box = make("input", { type: "checkbox", checked });
  box.addEventListener("change", () => changed(box.checked));
  return check(label, box);
}

/** Return the range of series on the spectral axis; null if they have no wavelengths. */
function rangeOf(converted) {
  let [low, high] = [Infinity, -Infinity];
  for (const { x } of converted) {
    for (const value of x) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? [low, high] : null;
}

function axisType(log) {
  return log ? "log" : "linear";
}

function yRange(limits, log) {
  if (!limits || (log && limits.low <= 0)) return { autorange: true };
  const range = [limits.low, limits.high];
  return { range: log ? range.map((value) => Math.log10(value)) : range, autorange: false };
}
