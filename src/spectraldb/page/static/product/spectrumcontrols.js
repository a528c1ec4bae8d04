// The fields of what a spectrum of a cube is of: a spaxel or an aperture.

import { parsePosition } from "../coordinates.js";
import { fill, make } from "../dom.js";
import { controls, field, hint, setUnlessFocused } from "../widgets.js";
import { formatAperture } from "./aperture.js";

const HELP =
  "Move over the image to see the spectrum of a spaxel, click to keep it; the circle among the " +
  "image's tools draws an aperture, which can then be moved. A click in the spectrum goes to its " +
  "plane.";
const INVALID_APERTURE = "Write right ascension and declination, and a radius above 0.";

/** Return the changes of the URL that select a spaxel. */
export function spaxelChanges(x, y) {
  return { spaxel: `${x},${y}`, aperture: null, spectrum: null };
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
    this.message = make("p", { class: "hint", role: "status" });
    onChange([this.x, this.y], () => this.#changeSpaxel());
    onChange([this.centre, this.radius], () => this.#changeAperture());
    this.element = make("div", {}, this.#fields(sky), hint(HELP), this.message);
  }

  #fields({ nx, ny }) {
    return controls(
      field(`spaxel x, 0 to ${nx - 1}`, this.x),
      field(`y, 0 to ${ny - 1}`, this.y),
      field("or aperture: RA and Dec", this.centre),
      field("radius (arcsec)", this.radius),
    );
  }

  #changeSpaxel() {
    this.changed(spaxelChanges(Number(this.x.value), Number(this.y.value)));
  }

  #changeAperture() {
    fill(this.message);
    // With one field of two the reader is still editing.
    if (!this.centre.value.trim() || !this.radius.value.trim()) return;
    const position = parsePosition(this.centre.value);
    const radius = Number(this.radius.value);
    if (position && radius > 0) this.changed(apertureChanges(...position.map(Number), radius));
    else fill(this.message, INVALID_APERTURE);
  }

  /** Show what the spectrum is of. */
  show({ aperture, spaxel }) {
    setUnlessFocused(this.x, spaxel?.x ?? "");
    setUnlessFocused(this.y, spaxel?.y ?? "");
    setUnlessFocused(this.centre, aperture ? `${aperture.ra} ${aperture.dec}` : "");
    setUnlessFocused(this.radius, aperture?.radius ?? "");
  }
}

function onChange(inputs, listener) {
  for (const input of inputs) input.addEventListener("change", listener);
}
