// How the values of an image become shades: percentile cuts, and a stretch between them.

import { quantile } from "../limits.js";

/** Functions from a value to a shade, both from 0 to 1, and back. */
export const STRETCHES = {
  asinh: {
    label: "asinh",
    toShade: (value) => Math.asinh(10 * value) / Math.asinh(10),
    toValue: (shade) => Math.sinh(shade * Math.asinh(10)) / 10,
  },
  linear: { label: "linear", toShade: (value) => value, toValue: (shade) => shade },
  sqrt: { label: "square root", toShade: Math.sqrt, toValue: (shade) => shade * shade },
  log: {
    label: "logarithm",
    toShade: (value) => Math.log1p(1000 * value) / Math.log1p(1000),
    toValue: (shade) => Math.expm1(shade * Math.log1p(1000)) / 1000,
  },
};

/** Percentages of the values between the cuts; values outside have the shade of the nearer cut. */
export const CUTS = ["90", "95", "98", "99", "99.5", "99.9", "100"];

/** The lower cut is at most this number of standard deviations of the noise below the median. */
const NOISE_SIGMA = 3;

/** Shades of the ticks of the colour bar. */
const TICK_SHADES = [0, 0.25, 0.5, 0.75, 1];

/** Return shades of an image (rows of numbers and nulls), and the ticks of its colour bar. */
export function stretchImage(rows, name, cut) {
  const [low, high] = cutValues(rows, Number(cut));
  const { toShade, toValue } = STRETCHES[name];
  const span = high - low || 1;
  const scaled = (value) => Math.min(1, Math.max(0, (value - low) / span));
  const shade = (value) => (value === null ? null : toShade(scaled(value)));
  return {
    shades: rows.map((row) => row.map(shade)),
    tickShades: TICK_SHADES,
    tickValues: TICK_SHADES.map((tick) => low + toValue(tick) * span),
  };
}

function cutValues(rows, cut) {
  const sorted = sortNumbers(rows.flat().filter((value) => value !== null));
  if (!sorted.length) return [0, 1];
  if (cut === 100) return [sorted[0], sorted.at(-1)];
  const tail = (100 - cut) / 200;
  const floor = quantile(sorted, 0.5) - NOISE_SIGMA * standardDeviation(sorted);
  return [Math.max(quantile(sorted, tail), floor), quantile(sorted, 1 - tail)];
}

/** Return 1.4826 times the median absolute deviation, which is robust to outliers. */
function standardDeviation(sorted) {
  const median = middle(sorted);
  const deviations = sortNumbers(sorted.map((value) => Math.abs(value - median)));
  return 1.4826 * middle(deviations) || Infinity;
}

function sortNumbers(values) {
  return values.toSorted((a, b) => a - b);
}

function middle(sorted) {
  return sorted[Math.floor(sorted.length / 2)];
}
