// Converting what is drawn.  The numbers of the API are the file's own; only the view converts.

const C = 299792458; // speed of light in m/s, exact (SI)
const SR_PER_ARCSEC2 = (Math.PI / 180 / 3600) ** 2;

/** Units of the spectral axis; `to` takes micron in vacuum, `from` gives micron. */
export const SPECTRAL = {
  um: { label: "µm", axis: "Wavelength", to: (um) => um, from: (value) => value },
  Angstrom: { label: "Å", axis: "Wavelength", to: (um) => um * 1e4, from: (value) => value / 1e4 },
  nm: { label: "nm", axis: "Wavelength", to: (um) => um * 1e3, from: (value) => value / 1e3 },
  GHz: {
    label: "GHz",
    axis: "Frequency",
    to: (um) => C / um / 1e3,
    from: (value) => C / value / 1e3,
  },
};

// Flux densities in Jy and surface brightnesses in MJy/sr: how many of the base unit one is.
const DENSITIES = { Jy: 1, mJy: 1e-3, uJy: 1e-6, MJy: 1e6 };
const BRIGHTNESSES = {
  "MJy / sr": 1,
  "Jy / arcsec2": 1e-6 / SR_PER_ARCSEC2,
  "mJy / arcsec2": 1e-9 / SR_PER_ARCSEC2,
};

// Per wavelength: f_lambda = f_nu c / lambda^2, so that 1 Jy at 1 um is 2.998e-12 W / (m2 um).
const PER_WAVELENGTH = { "W / (m2 um)": C * 1e-20, "erg / (s cm2 Angstrom)": C * 1e-21 };

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

/** Return how a unit is written for people. */
export function unitLabel(unit) {
  return LABELS[unit] ?? SPECTRAL[unit]?.label ?? unit ?? "";
}

/**
 * Return the units that values of `unit` can be drawn in, the file's own first; only that one
 * where the unit is not known here.
 */
export function fluxUnits(unit) {
  const own = canonical(unit);
  const family =
    own in DENSITIES
      ? [...Object.keys(DENSITIES), ...Object.keys(PER_WAVELENGTH)]
      : own in BRIGHTNESSES
        ? [...Object.keys(BRIGHTNESSES), ...Object.keys(BRIGHTNESSES_PER_WAVELENGTH)]
        : [];
  return [own, ...family.filter((name) => name !== own)];
}

const BRIGHTNESSES_PER_WAVELENGTH = {
  "W / (m2 um sr)": C * 1e-14,
  "erg / (s cm2 Angstrom arcsec2)": C * 1e-15 * SR_PER_ARCSEC2,
};

/** Return a function (value, micron) that converts from one of `fluxUnits` to another. */
export function fluxConverter(from, to) {
  const [own, wanted] = [canonical(from), canonical(to)];
  if (own === wanted) return (value) => value;
  const table = own in DENSITIES ? DENSITIES : BRIGHTNESSES;
  const perWavelength = own in DENSITIES ? PER_WAVELENGTH : BRIGHTNESSES_PER_WAVELENGTH;
  if (wanted in table) {
    const factor = table[own] / table[wanted];
    return (value) => (value === null ? null : value * factor);
  }
  const factor = table[own] * perWavelength[wanted];
  return (value, um) => (value === null ? null : (value * factor) / (um * um));
}

/** Return a unit as the tables above write it; the API writes "MJy/sr" or "MJy / sr". */
export function canonical(unit) {
  const text = (unit ?? "").trim();
  const close = text.replace(/\s+/g, "");
  const known = [
    ...Object.keys(DENSITIES),
    ...Object.keys(BRIGHTNESSES),
    ...Object.keys(PER_WAVELENGTH),
    ...Object.keys(BRIGHTNESSES_PER_WAVELENGTH),
  ];
  return known.find((name) => name.replace(/\s+/g, "") === close) ?? text;
}
