// Positions on the sky: parsing, formatting, angular separation.

const RADIAN = Math.PI / 180;
const ANGLE = /^[+-]?\d*\.?\d+(e[+-]?\d+)?$|^[+-]?\d+\.?$/i;

/** Return RA and Dec in degrees, as text; null if the text is not a position. */
export function parsePosition(text) {
  const parts = splitPosition(text);
  if (parts.length !== 2) return null;
  const [ra, dec] = parts.map(parseAngle);
  if (ra === null || dec === null) return null;
  return [asDegrees(parts[0], ra * 15), asDegrees(parts[1], dec)];
}

/** Return the coordinates of a position; six numbers are two sexagesimal coordinates. */
function splitPosition(text) {
  const colons = text.trim().replace(/[hdms:°'"′″]+/g, ":");
  const parts = colons.split(/[\s,]+/).map((part) => part.replace(/:$/, ""));
  if (parts.length !== 6) return parts;
  return [parts.slice(0, 3).join(":"), parts.slice(3).join(":")];
}

/** Return sexagesimal or decimal text as a number; null if it is neither. */
function parseAngle(text) {
  const parts = text.split(":");
  if (parts.length > 3 || !parts.every((part) => ANGLE.test(part))) return null;
  const sign = text.startsWith("-") ? -1 : 1;
  const [whole, minutes = 0, seconds = 0] = parts.map((part) => Math.abs(Number(part)));
  return sign * (whole + minutes / 60 + seconds / 3600);
}

/** Return a coordinate in degrees, to 4 microarcseconds; decimal text is returned unchanged. */
function asDegrees(text, degrees) {
  return text.includes(":") ? String(Number(degrees.toFixed(9))) : text;
}

/** Return a position in sexagesimal hours and degrees. */
export function formatSexagesimal(ra, dec) {
  return `${sexagesimal(ra / 15, 3)} ${dec < 0 ? "-" : "+"}${sexagesimal(Math.abs(dec), 2)}`;
}

function sexagesimal(value, digits) {
  const total = Math.round(value * 3600 * 10 ** digits) / 10 ** digits;
  const [whole, minutes] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60)];
  const seconds = (total % 60).toFixed(digits).padStart(digits + 3, "0");
  return `${String(whole).padStart(2, "0")}:${String(minutes).padStart(2, "0")}:${seconds}`;
}

/** Return the angle between two positions in arcsec (haversine formula, Sinnott 1984). */
export function separation(ra1, dec1, ra2, dec2) {
  const [dRa, dDec] = [(ra2 - ra1) * RADIAN, (dec2 - dec1) * RADIAN];
  const cosines = Math.cos(dec1 * RADIAN) * Math.cos(dec2 * RADIAN);
  const half = Math.sin(dDec / 2) ** 2 + cosines * Math.sin(dRa / 2) ** 2;
  return ((2 * Math.asin(Math.sqrt(Math.min(1, half)))) / RADIAN) * 3600;
}

/** Return the offset of a position from a nearby one, to the east and north in arcsec. */
export function tangentOffset(ra0, dec0, ra, dec) {
  return [wrapped(ra - ra0) * Math.cos(dec0 * RADIAN) * 3600, (dec - dec0) * 3600];
}

/** Return a difference of right ascensions, wrapped to -180 to 180 degrees. */
export function wrapped(degrees) {
  return ((degrees + 540) % 360) - 180;
}
