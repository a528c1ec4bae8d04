// A circle on the sky as the URL has it: "ra,dec,radius" in degrees, degrees and arcsec.

/** Return {ra, dec, radius}; null if the text is no circle. */
export function parseAperture(text) {
  const parts = (text ?? "").split(",").map(Number);
  if (parts.length !== 3 || !parts.every(Number.isFinite) || parts[2] <= 0) return null;
  const [ra, dec, radius] = parts;
  return { ra, dec, radius };
}

/** Return a circle as text, its position to 0.4 milliarcseconds. */
export function formatAperture(ra, dec, radius) {
  return `${Number(ra.toFixed(7))},${Number(dec.toFixed(7))},${Number(radius.toFixed(4))}`;
}
