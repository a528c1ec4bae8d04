// Axis limits that ignore spikes: real files have values of up to 1e7 times the median.

/** Fraction of the values at each end that may be spikes. */
const TAIL = 0.005;

/** Margin added to each limit, as a fraction of their span. */
const MARGIN = 0.1;

/**
 * Return {low, high, outside}: limits that contain all values except spikes, with a margin, and
 * the number of values outside them.  Returns null if there are no values.
 */
export function robustLimits(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).toSorted((a, b) => a - b);
  if (!sorted.length) return null;
  const [low, high] = widened(...bulk(sorted));
  return { low, high, outside: sorted.filter((value) => value < low || value > high).length };
}

/** Return the quantile of a sorted list: the value at a fraction of its length. */
export function quantile(sorted, fraction) {
  return sorted[Math.round(fraction * (sorted.length - 1))];
}

/** Return the range of the values without spikes; a value close to the others is not a spike. */
function bulk(sorted) {
  const [low, high] = [quantile(sorted, TAIL), quantile(sorted, 1 - TAIL)];
  const span = spanOf(low, high);
  return [
    sorted[0] >= low - span ? sorted[0] : low,
    sorted.at(-1) <= high + span ? sorted.at(-1) : high,
  ];
}

/** Widen limits; positive limits stay positive, for logarithmic axes. */
function widened(low, high) {
  const margin = MARGIN * spanOf(low, high);
  return [low > 0 && low - margin <= 0 ? low / 1.5 : low - margin, high + margin];
}

function spanOf(low, high) {
  return high - low || Math.abs(high) || 1;
}
