// Unit conversion for plots.  The API returns values in the units of the file; only plots convert.

/** Speed of light in m/s, exact (SI). */
const C = 299792458;

const SR_PER_ARCSEC2 = (Math.PI / 180 / 3600) ** 2;

/** Units of the spectral axis; `fromMicron` converts wavelengths in micron, in vacuum. */
export const SPECTRAL = {
  um: { label: "µm", axis: "Wavelength", fromMicron: (um) => um },
  Angstrom: { label: "Å", axis: "Wavelength", fromMicron: (um) => um * 1e4 },
  nm: { label: "nm", axis: "Wavelength", fromMicron: (um) => um * 1e3 },
  GHz: { label: "GHz", axis: "Frequency", fromMicron: (um) => C / um / 1e3 },
};

/** Wavelengths in micron of 1 of a unit; of `RECIPROCAL` units, the wavelength is this over x. */
const LENGTHS = { um: 1, micron: 1, Angstrom: 1e-4, AA: 1e-4, nm: 1e-3, mm: 1e3, cm: 1e4, m: 1e6 };
const RECIPROCAL = {
  Hz: C * 1e6,
  GHz: C / 1e3,
  THz: C / 1e6,
  "1 / cm": 1e4,
  "cm-1": 1e4,
  "1 / m": 1e6,
  "m-1": 1e6,
  eV: 1.239841984332,
};

/** Return spectral coordinates of a file as wavelengths in micron; null in an unknown unit. */
export function toMicron(values, unit) {
  if (!unit || unit === "um") return values;
  return values.map((value) => {
    if (Array.isArray(value)) return toMicron(value, unit);
    if (value === null) return null;
    if (unit in LENGTHS) return value * LENGTHS[unit];
    return unit in RECIPROCAL ? RECIPROCAL[unit] / value : null;
  });
}

/**
 * Units that convert into each other.  Factors of `perFrequency` are multiples of its first unit;
 * those of `perWavelength` follow f_lambda = f_nu c / lambda^2: 1 Jy at 1 um is
 * 2.998e-12 W / (m2 um).
 */
const FLUX_DENSITY = {
  perFrequency: { Jy: 1, mJy: 1e-3, uJy: 1e-6, MJy: 1e6 },
  perWavelength: { "W / (m2 um)": C * 1e-20, "erg / (s cm2 Angstrom)": C * 1e-21 },
};
const SURFACE_BRIGHTNESS = {
  perFrequency: {
    "MJy / sr": 1,
    "Jy / arcsec2": 1e-6 / SR_PER_ARCSEC2,
    "mJy / arcsec2": 1e-9 / SR_PER_ARCSEC2,
  },
  perWavelength: {
    "W / (m2 um sr)": C * 1e-14,
    "erg / (s cm2 Angstrom arcsec2)": C * 1e-15 * SR_PER_ARCSEC2,
  },
};
const FAMILIES = [FLUX_DENSITY, SURFACE_BRIGHTNESS];
const FLUX_UNITS = FAMILIES.flatMap(unitsOf);

const LABELS = {
  uJy: "µJy",
  "MJy / sr": "MJy/sr",
  "Jy / arcsec2": "Jy/arcsec²",
  "mJy / arcsec2": "mJy/arcsec²",
  "W / (m2 um)": "W/m²/µm",
  "erg / (s cm2 Angstrom)": "erg/s/cm²/Å",
  "W / (m2 um sr)": "W/m²/µm/sr",
  "erg / (s cm2 Angstrom arcsec2)": "erg/s/cm²/Å/arcsec²",
};

/** Return the label of a unit for display. */
export function unitLabel(unit) {
  return LABELS[unit] ?? SPECTRAL[unit]?.label ?? unit ?? "";
}

/** Return the units that `unit` converts to, starting with itself; only itself if unknown. */
export function fluxUnits(unit) {
  const source = canonicalUnit(unit);
  const family = familyOf(source);
  return [source, ...(family ? unitsOf(family) : []).filter((name) => name !== source)];
}

/** Return a function (value, micron) that converts from one of `fluxUnits` to another. */
export function fluxConverter(from, to) {
  const [source, target] = [canonicalUnit(from), canonicalUnit(to)];
  if (source === target) return (value) => value;
  const { perFrequency, perWavelength } = familyOf(source);
  if (target in perFrequency) {
    const factor = perFrequency[source] / perFrequency[target];
    return (value) => (value === null ? null : value * factor);
  }
  const factor = perFrequency[source] * perWavelength[target];
  return (value, um) => (value === null ? null : (value * factor) / (um * um));
}

/** Return the family that has a unit in `perFrequency`. */
function familyOf(unit) {
  return FAMILIES.find(({ perFrequency }) => unit in perFrequency);
}

function unitsOf({ perFrequency, perWavelength }) {
  return [...Object.keys(perFrequency), ...Object.keys(perWavelength)];
}

/** Return a unit as spelt in the tables above: the API has both "MJy/sr" and "MJy / sr". */
function canonicalUnit(unit) {
  const text = (unit ?? "").trim();
  return FLUX_UNITS.find((name) => withoutSpaces(name) === withoutSpaces(text)) ?? text;
}

function withoutSpaces(text) {
  return text.replace(/\s+/g, "");
}
