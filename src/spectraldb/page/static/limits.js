// Axis limits that ignore spikes: real files have values of 1e7 times the median.

/** Fraction of the values at either end that may be spikes. */
const TAIL = 0.005;

/** Widening of the limits at either end, as a fraction of their span. */
const MARGIN = 0.1;

/**
 * Return limits that contain all values but spikes, slightly widened, and the number of values
 * outside: {low, high, outside}; null if there are no values.
 */
export function robustLimits(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).toSorted((a, b) => a - b);
  if (!sorted.length) return null;
  const [low, high] = widened(...bulk(sorted));
  return { low, high, outside: sorted.filter((value) => value < low || value > high).length };
}

/** Return the value at a fraction of a sorted list. */
export function quantile(sorted, fraction) {
  return sorted[Math.round(fraction * (sorted.length - 1))];
}

/** Return the range of values without spikes; values close to the others are never spikes. */
function bulk(sorted) {
  const [low, high] = [quantile(sorted, TAIL), quantile(sorted, 1 - TAIL)];
  const span = spanOf(low, high);
  return [
    sorted[0] >= low - span ? sorted[0] : low,
    sorted.at(-1) <= high + span ? sorted.at(-1) : high,
  ];
}

/** Widen limits; positive ones stay positive, for logarithmic axes. */
function widened(low, high) {
  const margin = MARGIN * spanOf(low, high);
  return [low > 0 && low - margin <= 0 ? low / 1.5 : low - margin, high + margin];
}

function spanOf(low, high) {
  return high - low || Math.abs(high) || 1;
}
