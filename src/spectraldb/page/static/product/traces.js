// Series as Plotly traces: a line with an error band, and markers of flagged pixels.

import { flagNames, formatMeasurement, formatNumber } from "../format.js";
import { seriesColour, themeColour } from "../plot.js";
import { fluxConverter, SPECTRAL, unitLabel } from "../units.js";

/** Opacity of an error band, as the last digits of a colour. */
const BAND_ALPHA = "38";

/** Return a series in the units of a plot, with good and flagged values separate. */
export function convertSeries(series, { wave, unit }) {
  const { wavelength, flux, fluxErr, good } = series;
  const { fromMicron, label } = SPECTRAL[wave];
  const convert = fluxConverter(series.unit, unit);
  const at = (values, i) =>
    (values?.[i] ?? null) === null ? null : convert(values[i], wavelength[i]);
  const isGood = (i) => good?.[i] ?? true;
  const flaggedValues = flux.map((_, i) => (isGood(i) ? null : at(flux, i)));
  return {
    ...series,
    x: wavelength.map((um) => (um === null ? null : fromMicron(um))),
    goodValues: flux.map((_, i) => (isGood(i) ? at(flux, i) : null)),
    flaggedValues,
    flaggedCount: flaggedValues.filter((value) => value !== null).length,
    errors: flux.map((_, i) => at(fluxErr, i)),
    labels: { x: label, y: unitLabel(unit) },
  };
}

/** Return the traces of the i-th of `total` converted series. */
export function seriesTraces(series, i, total) {
  const text = series.x.map((_, pixel) => pixelText(series, pixel));
  const traces = [lineTrace(series, text, seriesColour(i))];
  if (series.fluxErr) {
    const colour = i ? `${seriesColour(i)}${BAND_ALPHA}` : themeColour("band");
    traces.unshift(bandTrace(series, colour));
  }
  if (series.flaggedCount) {
    const name = total > 1 ? `${series.name}, flagged` : "flagged";
    traces.push(flaggedTrace(series, text, name));
  }
  return traces;
}

function lineTrace(series, text, color) {
  return {
    type: "scatter",
    x: series.x,
    y: series.goodValues,
    name: series.name,
    legendgroup: series.name,
    customdata: series.wavelength,
    text,
    hoverinfo: "text",
    mode: "lines",
    line: { color, width: 1.3, shape: "hvh" },
    connectgaps: false,
  };
}

function flaggedTrace(series, text, name) {
  const color = themeColour("flag");
  return {
    type: "scatter",
    x: series.x,
    y: series.flaggedValues,
    name,
    legendgroup: series.name,
    customdata: series.wavelength,
    text,
    hoverinfo: "text",
    mode: "markers",
    marker: { symbol: "x-thin", size: 7, color, line: { width: 1.5, color } },
  };
}

/** Return the 1-sigma band around the line, with one polygon per run of pixels without a gap. */
function bandTrace(series, fillcolor) {
  const polygons = runs(series).map((run) => bandPolygon(series, run));
  return {
    type: "scatter",
    x: polygons.flatMap(({ x }) => x),
    y: polygons.flatMap(({ y }) => y),
    legendgroup: series.name,
    mode: "lines",
    fill: "toself",
    fillcolor,
    line: { width: 0, color: "rgba(0,0,0,0)" },
    hoverinfo: "skip",
    showlegend: false,
  };
}

/** Return the indices of each run of at least two pixels that have a value and an error. */
function runs({ x, goodValues, errors }) {
  const found = [[]];
  goodValues.forEach((value, i) => {
    if (value === null || errors[i] === null || x[i] === null) found.push([]);
    else found.at(-1).push(i);
  });
  return found.filter((run) => run.length > 1);
}

/** Return the outline of the band of a run of pixels, followed by a gap. */
function bandPolygon({ x, goodValues, errors }, run) {
  const back = run.toReversed();
  return {
    x: [...run.map((i) => x[i]), ...back.map((i) => x[i]), null],
    y: [
      ...run.map((i) => goodValues[i] + errors[i]),
      ...back.map((i) => goodValues[i] - errors[i]),
      null,
    ],
  };
}

/** Return the hover text of a pixel. */
function pixelText(series, i) {
  const { name, x, goodValues, flaggedValues, errors, good, dq, flags, labels } = series;
  const value = goodValues[i] ?? flaggedValues[i];
  const lines = [
    name,
    `${formatNumber(x[i], 9)} ${labels.x}`,
    formatMeasurement(value, errors[i], labels.y, 9),
    `pixel ${i}`,
  ];
  if (dq?.[i]) lines.push(`dq ${dq[i]}: ${flagNames(dq[i], flags ?? {})}`);
  if (good?.[i] === false) lines.push(flagText(series, i));
  return lines.join("<br>");
}

/** Return why a pixel is not good. */
function flagText({ flux, fluxErr, weight }, i) {
  const lacking = [];
  if (flux[i] === null) lacking.push("no flux");
  if (fluxErr?.[i] === null) lacking.push("no error");
  if (fluxErr?.[i] === 0) lacking.push("error is 0");
  if (weight?.[i] === 0) lacking.push("weight is 0");
  return lacking.length ? `flagged: ${lacking.join(", ")}` : "flagged";
}
