// A circle on the sky in the form of the URL: "ra,dec,radius" in degrees, degrees and arcsec.

/** Return {ra, dec, radius}; null if the text is not a circle. */
export function parseAperture(text) {
  const parts = (text ?? "").split(",").map(Number);
  if (parts.length !== 3 || !parts.every(Number.isFinite) || parts[2] <= 0) return null;
  const [ra, dec, radius] = parts;
  return { ra, dec, radius };
}

/** Return {inner, outer} in arcsec of an annulus "inner,outer"; null if the text is none. */
export function parseAnnulus(text) {
  const parts = (text ?? "").split(",").map(Number);
  if (parts.length !== 2 || !parts.every(Number.isFinite)) return null;
  const [inner, outer] = parts;
  return inner >= 0 && outer > inner ? { inner, outer } : null;
}

/** Return a circle as text, with its position rounded to 0.4 milliarcseconds. */
export function formatAperture(ra, dec, radius) {
  return `${Number(ra.toFixed(7))},${Number(dec.toFixed(7))},${Number(radius.toFixed(4))}`;
}
