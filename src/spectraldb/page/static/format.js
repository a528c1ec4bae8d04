// Writing numbers for people; what is copied or downloaded has the full digits.

/** Return a number with up to `digits` significant digits, and nothing for null. */
export function formatNumber(value, digits = 7) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value))
    return Math.abs(value) < 1e15 ? String(value) : value.toExponential(digits - 1);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return tidy(value.toExponential(digits - 1));
  return tidy(value.toPrecision(digits));
}

/** Return a count with its thousands set apart. */
export function formatCount(value) {
  return value.toLocaleString("en-US");
}

/** Return a count and its noun: "1 pixel", "2 pixels". */
export function quantity(value, noun, nouns = `${noun}s`) {
  return `${formatCount(value)} ${value === 1 ? noun : nouns}`;
}

/** Return bytes as people say them. */
export function formatBytes(value) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let power = 0;
  while (value >= 1000 && power < units.length - 1) {
    value /= 1000;
    power += 1;
  }
  return `${power ? value.toPrecision(3) : value} ${units[power]}`;
}

function tidy(text) {
  const [digits, power] = text.split("e");
  const short = digits.includes(".") ? digits.replace(/0+$/, "").replace(/\.$/, "") : digits;
  return power ? `${short}e${power.replace("+", "")}` : short;
}
