// Fields that select a spaxel or an aperture of a cube for its spectrum.

import { parsePosition } from "../coordinates.js";
import { fill, make } from "../dom.js";
import { controls, field, hint, setUnlessFocused } from "../widgets.js";
import { formatAperture, parseAnnulus } from "./aperture.js";

const HELP =
  "Move the pointer over the image to see the spectrum of a spaxel. Click to keep it. To draw an " +
  "aperture, use the circle tool of the image; drag the circle to move it. Click in the " +
  "spectrum to show that plane.";
const INVALID_APERTURE = "Enter right ascension and declination, and a radius greater than 0.";
const INVALID_ANNULUS = "Enter an inner radius, and an outer radius greater than that.";

/** Return the changes of the URL that select a spaxel. */
export function spaxelChanges(x, y) {
  return { spaxel: `${x},${y}`, aperture: null, annulus: null, spectrum: null };
}

/** Return the changes of the URL that select an aperture, in degrees and arcsec. */
export function apertureChanges(ra, dec, radius) {
  return { aperture: formatAperture(ra, dec, radius), spaxel: null, spectrum: null };
}

export class SpectrumControls {
  /** `changed` is called with changes of the URL. */
  constructor(sky, changed) {
    this.changed = changed;
    this.x = make("input", { type: "number", min: 0, max: sky.nx - 1 });
    this.y = make("input", { type: "number", min: 0, max: sky.ny - 1 });
    this.centre = make("input", { size: 22, placeholder: "RA Dec", spellcheck: "false" });
    this.radius = make("input", { inputmode: "decimal", size: 5, placeholder: "0.5" });
    this.inner = make("input", { inputmode: "decimal", size: 5, placeholder: "0.8" });
    this.outer = make("input", { inputmode: "decimal", size: 5, placeholder: "1.2" });
    this.message = make("p", { class: "hint", role: "status" });
    onChange([this.x, this.y], () => this.#changeSpaxel());
    onChange([this.centre, this.radius], () => this.#changeAperture());
    onChange([this.inner, this.outer], () => this.#changeAnnulus());
    this.element = make("div", {}, this.#fields(sky), hint(HELP), this.message);
  }

  #fields({ nx, ny }) {
    return controls(
      field(`Spaxel x (0 to ${nx - 1})`, this.x),
      field(`Spaxel y (0 to ${ny - 1})`, this.y),
      field("Or aperture: RA and Dec", this.centre),
      field("Radius (arcsec)", this.radius),
      field("Background from (arcsec)", this.inner),
      field("to (arcsec)", this.outer),
    );
  }

  #changeSpaxel() {
    this.changed(spaxelChanges(Number(this.x.value), Number(this.y.value)));
  }

  #changeAperture() {
    fill(this.message);
    // The user has filled in only one of the two fields so far.
    if (!this.centre.value.trim() || !this.radius.value.trim()) return;
    const position = parsePosition(this.centre.value);
    const radius = Number(this.radius.value);
    if (position && radius > 0) this.changed(apertureChanges(...position.map(Number), radius));
    else fill(this.message, INVALID_APERTURE);
  }

  #changeAnnulus() {
    fill(this.message);
    const [inner, outer] = [this.inner, this.outer].map(({ value }) => value.trim());
    if (!inner && !outer) this.changed({ annulus: null });
    if (!inner || !outer) return;
    if (parseAnnulus(`${inner},${outer}`)) this.changed({ annulus: `${inner},${outer}` });
    else fill(this.message, INVALID_ANNULUS);
  }

  /** Show the selection of the spectrum. */
  show({ aperture, annulus, spaxel }) {
    setUnlessFocused(this.x, spaxel?.x ?? "");
    setUnlessFocused(this.y, spaxel?.y ?? "");
    setUnlessFocused(this.centre, aperture ? `${aperture.ra} ${aperture.dec}` : "");
    setUnlessFocused(this.radius, aperture?.radius ?? "");
    for (const input of [this.inner, this.outer]) input.disabled = !aperture;
    if (!annulus) return;
    setUnlessFocused(this.inner, annulus.inner);
    setUnlessFocused(this.outer, annulus.outer);
  }
}

function onChange(inputs, listener) {
  for (const input of inputs) input.addEventListener("change", listener);
}
