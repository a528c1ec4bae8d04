// Numbers as text for display; copies and downloads have all digits.

/** Return a number with at most `digits` significant digits; "" for null. */
export function formatNumber(value, digits = 7) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value)) {
    return size < 1e15 ? String(value) : value.toExponential(digits - 1);
  }
  const exponential = size >= 1e6 || size < 1e-4;
  return trimZeros(exponential ? value.toExponential(digits - 1) : value.toPrecision(digits));
}

/** Return a value with its error and unit, "1.2 ± 0.1 Jy"; the error is omitted if null. */
export function formatMeasurement(value, error, unit, digits) {
  const missing = error === null || error === undefined;
  const tolerance = missing ? "" : ` ± ${formatNumber(error, 5)}`;
  return `${formatNumber(value, digits)}${tolerance} ${unit}`;
}

/** Return a count with thousands separators. */
export function formatCount(value) {
  return value.toLocaleString("en-US");
}

/** Return a count and its noun: "1 pixel", "2 pixels". */
export function quantity(value, noun, plural = `${noun}s`) {
  return `${formatCount(value)} ${value === 1 ? noun : plural}`;
}

/** Return a file size in decimal units. */
export function formatBytes(size) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let [value, power] = [size, 0];
  while (value >= 1000 && power < units.length - 1) {
    value /= 1000;
    power += 1;
  }
  return `${power ? value.toPrecision(3) : value} ${units[power]}`;
}

/** Remove the zeros at the end of a decimal fraction, and the plus sign of an exponent. */
function trimZeros(text) {
  const [digits, exponent] = text.split("e");
  const short = digits.includes(".") ? digits.replace(/0+$/, "").replace(/\.$/, "") : digits;
  return exponent ? `${short}e${exponent.replace("+", "")}` : short;
}

/** Return the mnemonics of the flags in a value of data quality; "none" if it has none. */
export function flagNames(value, flags) {
  const set = Object.entries(flags).filter(([, flag]) => Math.floor(value / flag) % 2 === 1);
  return set.map(([name]) => name).join(", ") || "none";
}
