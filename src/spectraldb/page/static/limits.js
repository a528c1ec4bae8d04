// Limits for axes that spikes do not set: real files hold values of 1e7 times the median.

const PART = 0.005;
const MARGIN = 0.1;

/**
 * Return limits that hold all but the outermost values at each end, a little widened, and how many
 * values lie outside: {low, high, outside}; null where there are no values.  Values that lie close
 * to the others are never left out.
 */
export function robustLimits(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  if (!sorted.length) return null;
  const at = (part) => sorted[Math.round(part * (sorted.length - 1))];
  let [low, high] = [at(PART), at(1 - PART)];
  const span = high - low || Math.abs(high) || 1;
  // What lies within another span beyond is no spike.
  if (sorted[0] >= low - span) low = sorted[0];
  if (sorted.at(-1) <= high + span) high = sorted.at(-1);
  const margin = MARGIN * (high - low || Math.abs(high) || 1);
  const positive = low > 0;
  low = positive && low - margin <= 0 ? low / 1.5 : low - margin;
  high += margin;
  return { low, high, outside: sorted.filter((value) => value < low || value > high).length };
}
