// How the values of an image become shades: percentile cuts, then a stretch between them.

/** Stretches of a value from 0 to 1 to a shade from 0 to 1, and back. */
export const STRETCHES = {
  asinh: {
    label: "asinh",
    to: (v) => Math.asinh(10 * v) / Math.asinh(10),
    from: (s) => Math.sinh(s * Math.asinh(10)) / 10,
  },
  linear: { label: "linear", to: (v) => v, from: (s) => s },
  sqrt: { label: "square root", to: Math.sqrt, from: (s) => s * s },
  log: {
    label: "logarithm",
    to: (v) => Math.log1p(1000 * v) / Math.log1p(1000),
    from: (s) => Math.expm1(s * Math.log1p(1000)) / 1000,
  },
};

/** Percentages of the values that are told apart; the rest at both ends has the end's shade. */
export const CUTS = ["90", "95", "98", "99", "99.5", "99.9", "100"];

/** The darkest shade is no more than so many standard deviations of the noise below the median. */
const NOISE = 3;

/** Return shades of an image (rows of numbers and nulls), and ticks of a colour bar for them. */
export function stretched(rows, name, cut) {
  const [low, high] = limits(rows, Number(cut));
  const { to, from } = STRETCHES[name];
  const span = high - low || 1;
  const shade = (value) =>
    value === null ? null : to(Math.min(1, Math.max(0, (value - low) / span)));
  const places = [0, 0.25, 0.5, 0.75, 1];
  return {
    z: rows.map((row) => row.map(shade)),
    places,
    values: places.map((place) => low + from(place) * span),
  };
}

function limits(rows, cut) {
  const sorted = rows
    .flat()
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  if (!sorted.length) return [0, 1];
  const tail = (100 - cut) / 200;
  const at = (part) => sorted[Math.round(part * (sorted.length - 1))];
  if (cut === 100) return [sorted[0], sorted.at(-1)];
  return [Math.max(at(tail), at(0.5) - NOISE * scatter(sorted)), at(1 - tail)];
}

/** Return the standard deviation of the bulk of values: 1.4826 times the median absolute deviation. */
function scatter(sorted) {
  const middle = sorted[Math.floor(sorted.length / 2)];
  const away = sorted.map((value) => Math.abs(value - middle)).sort((a, b) => a - b);
  return 1.4826 * away[Math.floor(away.length / 2)] || Infinity;
}
