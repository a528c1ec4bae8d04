// Spectra as a plot: units, limits, error bands, flagged pixels, lines.

import { updateParameters, urlParameters } from "../navigation.js";
import { fill, make, uniqueId } from "../dom.js";
import { quantity, formatNumber } from "../format.js";
import { drawPlot, seriesColour, themeColour, verticalLine } from "../plot.js";
import { robustLimits } from "../limits.js";
import { field, select } from "../fields.js";
import { fluxConverter, fluxUnits, SPECTRAL, unitLabel } from "../units.js";
import { LineMarks } from "./linemarks.js";

/**
 * A plot of spectra with its controls, whose state is in the address: `wave`, `unit`, `log`,
 * `limits`, `lines`, `redshift`.
 */
export class SpectrumPlot {
  constructor(element) {
    this.series = [];
    this.clicked = null;
    this.marked = null;
    this.controls = make("div", { class: "row controls" });
    this.plot = make("div", { class: "plot", role: "group" });
    this.told = make("p", { class: "hint", role: "status" });
    this.lines = new LineMarks(() => this.#draw());
    element.append(this.controls, this.plot, this.told);
  }

  /** Show series: {name, wavelength (micron), flux, fluxErr, good, dq, weight, unit, what}. */
  async show(series) {
    this.series = series;
    await this.lines.ready;
    this.#makeControls();
    await this.#draw();
    if (this.listening) return;
    this.listening = true;
    this.plot.on("plotly_click", ({ points: [point] }) => this.clicked?.(point.customdata));
  }

  /** Mark a wavelength in micron by a line; null takes it away. */
  mark(um) {
    this.marked = um;
    if (this.series.length) this.#draw();
  }

  /** Call f with the wavelength in micron of a pixel that is clicked. */
  onClick(f) {
    this.clicked = f;
  }

  get #shown() {
    const shown = urlParameters();
    const units = fluxUnits(this.series[0]?.unit ?? "");
    return {
      wave: shown.get("wave") in SPECTRAL ? shown.get("wave") : "um",
      unit: units.includes(shown.get("unit")) ? shown.get("unit") : units[0],
      log: shown.get("log") ?? "",
      whole: shown.get("limits") === "full",
      at: shown.get("at") ? Number(shown.get("at")) : null,
    };
  }

  #makeControls() {
    const shown = this.#shown;
    const wave = select(
      Object.fromEntries(Object.entries(SPECTRAL).map(([name, { label }]) => [name, label])),
    );
    const units = fluxUnits(this.series[0]?.unit ?? "");
    const unit = select(
      Object.fromEntries(units.map((name) => [name, unitLabel(name) || "no unit"])),
    );
    [wave.value, unit.value] = [shown.wave, shown.unit];
    wave.addEventListener("change", () =>
      this.#change({ wave: wave.value === "um" ? null : wave.value }),
    );
    unit.addEventListener("change", () =>
      this.#change({ unit: unit.value === units[0] ? null : unit.value }),
    );
    fill(
      this.controls,
      field("spectral axis", wave),
      field(this.series[0]?.what === "surfBright" ? "surface brightness" : "flux", unit),
      this.#check("log x", shown.log.includes("x"), (on) => this.#log("x", on)),
      this.#check("log y", shown.log.includes("y"), (on) => this.#log("y", on)),
      this.#check("all values", shown.whole, (on) => this.#change({ limits: on ? "full" : null })),
      this.lines.element,
    );
  }

  #check(label, checked, changed) {
    const box = make("input", { type: "checkbox", id: uniqueId("box"), checked });
    box.addEventListener("change", () => changed(box.checked));
    return make("span", { class: "check" }, box, make("label", { for: box.id }, label));
  }

  #log(axis, on) {
    const axes = ["x", "y"].filter((name) => (name === axis ? on : this.#shown.log.includes(name)));
    this.#change({ log: axes.join("") || null });
  }

  #change(changes) {
    updateParameters(changes);
    this.#draw();
  }

  async #draw() {
    const shown = this.#shown;
    const drawn = this.series.map((series) => converted(series, shown));
    const limits = robustLimits(drawn.flatMap(({ goodValues }) => goodValues));
    const logY = shown.log.includes("y");
    const range = shown.whole || !limits ? null : [limits.low, limits.high];
    this.#tell(drawn, shown.whole ? null : limits);
    const traces = drawn.flatMap((each, i) => tracesOf(each, i, drawn.length, shown));
    await drawPlot(this.plot, traces, this.#layout(shown, range, logY, drawn));
  }

  #layout(shown, range, logY, drawn) {
    const spectral = SPECTRAL[shown.wave];
    const xs = drawn.flatMap(({ x }) => x.filter((value) => value !== null));
    const marks = this.lines.shapes(spectral.to, xs.length ? [min(xs), max(xs)] : null);
    const at = [this.marked, shown.at]
      .filter((um) => um !== null)
      .map((um) => verticalLine(spectral.to(um), themeColour("accent"), "dash"));
    const what = this.series[0]?.what === "surfBright" ? "Surface brightness" : "Flux";
    return {
      xaxis: {
        title: { text: `${spectral.axis} (${spectral.label})` },
        type: shown.log.includes("x") ? "log" : "linear",
      },
      yaxis: {
        title: { text: `${what} (${unitLabel(shown.unit)})` },
        type: logY ? "log" : "linear",
        ...yRange(range, logY),
      },
      shapes: [...marks.shapes, ...at],
      annotations: marks.annotations,
      hovermode: "closest",
      showlegend: drawn.length > 1 || drawn.some(({ badCount }) => badCount),
      // Zoom and pan stay while nothing but what is marked changes.
      uirevision: JSON.stringify([shown, this.series.map(({ name }) => name)]),
    };
  }

  #tell(drawn, limits) {
    const bad = drawn.reduce((sum, { badCount }) => sum + badCount, 0);
    const texts = drawn.map(({ name, count }) => `${name}: ${quantity(count, "pixel")}`);
    if (bad) texts.push(`${quantity(bad, "flagged pixel")}`);
    if (limits?.outside)
      texts.push(
        `${quantity(limits.outside, "good pixel")} beyond the flux axis (all values shows them)`,
      );
    this.told.textContent = texts.join("; ");
    this.plot.setAttribute(
      "aria-label",
      `Spectrum: ${texts.join("; ")}. The numbers below have the values.`,
    );
  }
}

/** Return a series in the units shown: values that are good, and those that are flagged. */
function converted(series, { wave, unit }) {
  const toX = SPECTRAL[wave].to;
  const toY = fluxConverter(series.unit, unit);
  const at = (values, i) =>
    values?.[i] === null || values?.[i] === undefined ? null : toY(values[i], series.wavelength[i]);
  const x = series.wavelength.map((um) => (um === null ? null : toX(um)));
  const isGood = (i) => series.good?.[i] ?? true;
  const good = series.flux.map((_, i) => (isGood(i) ? at(series.flux, i) : null));
  const errors = series.flux.map((_, i) => at(series.fluxErr, i));
  const bad = series.flux.map((_, i) => (isGood(i) ? null : at(series.flux, i)));
  return {
    ...series,
    x,
    goodValues: good,
    errors,
    badValues: bad,
    badCount: bad.filter((value) => value !== null).length,
    count: series.flux.length,
  };
}

function tracesOf(series, i, total, shown) {
  const line = seriesColour(i);
  const text = series.x.map((value, k) => readOut(series, k, value, shown));
  const base = {
    type: "scatter",
    x: series.x,
    legendgroup: series.name,
    customdata: series.wavelength,
  };
  const band = bandOf(series, base, i ? line : null);
  const main = {
    ...base,
    name: series.name,
    y: series.goodValues,
    text,
    hoverinfo: "text",
    mode: "lines",
    line: { color: line, width: 1.3, shape: "hvh" },
    connectgaps: false,
  };
  if (!series.badCount) return [...band, main];
  const flagged = {
    ...base,
    name: total > 1 ? `${series.name}, flagged` : "flagged",
    y: series.badValues,
    text,
    hoverinfo: "text",
    mode: "markers",
    marker: {
      symbol: "x-thin",
      size: 7,
      color: themeColour("flag"),
      line: { width: 1.5, color: themeColour("flag") },
    },
  };
  return [...band, main, flagged];
}

/** Return the band of one sigma around the line: for each run of pixels without a gap a polygon. */
function bandOf(series, base, line) {
  if (!series.fluxErr) return [];
  const [x, y] = [[], []];
  let run = [];
  const close = () => {
    if (run.length > 1) {
      const back = [...run].reverse();
      x.push(...run.map((k) => series.x[k]), ...back.map((k) => series.x[k]), null);
      y.push(
        ...run.map((k) => series.goodValues[k] + series.errors[k]),
        ...back.map((k) => series.goodValues[k] - series.errors[k]),
        null,
      );
    }
    run = [];
  };
  series.goodValues.forEach((value, k) =>
    value === null || series.errors[k] === null || series.x[k] === null ? close() : run.push(k),
  );
  close();
  const fillcolor = line ? `${line}38` : themeColour("band");
  return [
    {
      ...base,
      x,
      y,
      customdata: undefined,
      mode: "lines",
      fill: "toself",
      fillcolor,
      line: { width: 0, color: "rgba(0,0,0,0)" },
      hoverinfo: "skip",
      showlegend: false,
    },
  ];
}

function readOut(series, k, x, { wave, unit }) {
  const value = series.goodValues[k] ?? series.badValues[k];
  const error = series.errors[k] === null ? "" : ` ± ${formatNumber(series.errors[k], 5)}`;
  const lines = [
    series.name,
    `${formatNumber(x, 9)} ${SPECTRAL[wave].label}`,
    `${formatNumber(value, 9)}${error} ${unitLabel(unit)}`,
    `pixel ${k}`,
  ];
  if (series.dq?.[k]) lines.push(`dq ${series.dq[k]}`);
  if (series.good?.[k] === false) lines.push(flagText(series, k));
  return lines.join("<br>");
}

/** Return the mark of a pixel that is not good, with what it lacks. */
function flagText({ flux, fluxErr, weight }, k) {
  const lacking = [];
  if (flux[k] === null) lacking.push("no flux");
  if (fluxErr?.[k] === null) lacking.push("no error");
  if (fluxErr?.[k] === 0) lacking.push("error of 0");
  if (weight?.[k] === 0) lacking.push("no weight");
  return lacking.length ? `flagged: ${lacking.join(", ")}` : "flagged";
}

function yRange(range, log) {
  if (!range || (log && range[0] <= 0)) return { autorange: true };
  return { range: log ? range.map(Math.log10) : range, autorange: false };
}

function min(values) {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function max(values) {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}
