// The fields of the viewer of cubes: all that the pointer can do, by keyboard too.

import { debounce, fill, make } from "../dom.js";
import { formatNumber } from "../format.js";
import { field, select, setUnlessFocused } from "../fields.js";
import { readPosition } from "../search/position.js";
import { writeAperture } from "./aperture.js";

const PLAY_MS = 250;
const SLIDE_MS = 40;

export class CubeControls {
  constructor(wavelength, sky, change) {
    this.wavelength = wavelength;
    this.sky = sky;
    this.change = change;
    this.image = this.#imageFields();
    this.place = this.#placeFields();
  }

  #imageFields() {
    const last = this.wavelength.length - 1;
    this.slider = make("input", {
      type: "range",
      min: 0,
      max: last,
      value: 0,
      "aria-label": "plane",
    });
    this.plane = make("input", { type: "number", min: 0, max: last });
    this.play = make("button", { type: "button", onclick: () => this.#togglePlay() }, "▶ Play");
    this.at = make("output", {});
    const go = debounce((plane) => this.#goTo(plane), SLIDE_MS);
    this.slider.addEventListener("input", () => go(Number(this.slider.value)));
    this.plane.addEventListener("change", () => this.#goTo(Number(this.plane.value)));
    const size = { inputmode: "decimal", size: 7 };
    [this.low, this.high] = [make("input", size), make("input", size)];
    this.how = select({ mean: "mean", sum: "sum" });
    const range = () =>
      this.#bothOrNone() &&
      this.change(
        {
          range:
            this.low.value && this.high.value
              ? `${this.low.value.trim()},${this.high.value.trim()}`
              : null,
          plane: null,
          at: null,
          statistic: this.how.value === "sum" ? "sum" : null,
        },
        "image",
      );
    for (const input of [this.low, this.high, this.how]) input.addEventListener("change", range);
    const step = (by, label, name) =>
      make(
        "button",
        {
          type: "button",
          "aria-label": name,
          onclick: () => this.#goTo(Number(this.slider.value) + by),
        },
        label,
      );
    return make(
      "div",
      {},
      make(
        "div",
        { class: "row controls" },
        field(`plane, 0 to ${last}`, this.plane),
        step(-1, "←", "Previous plane"),
        step(1, "→", "Next plane"),
        this.play,
        this.slider,
        this.at,
      ),
      make(
        "div",
        { class: "row controls" },
        field("wavelengths from (µm)", this.low),
        field("to (µm)", this.high),
        field("put together by", this.how),
        make(
          "button",
          {
            type: "button",
            onclick: () => this.change({ range: null, plane: null, at: null }, "image"),
          },
          "All wavelengths",
        ),
      ),
    );
  }

  #placeFields() {
    const { nx, ny } = this.sky;
    this.x = make("input", { type: "number", min: 0, max: nx - 1 });
    this.y = make("input", { type: "number", min: 0, max: ny - 1 });
    const spaxel = () =>
      this.change(
        {
          spaxel: `${Number(this.x.value)},${Number(this.y.value)}`,
          aperture: null,
          spectrum: null,
        },
        "place",
      );
    for (const input of [this.x, this.y]) input.addEventListener("change", spaxel);
    this.centre = make("input", { size: 22, placeholder: "RA Dec", spellcheck: "false" });
    this.radius = make("input", { inputmode: "decimal", size: 5, placeholder: "0.5" });
    for (const input of [this.centre, this.radius])
      input.addEventListener("change", () => this.#aperture());
    this.told = make("p", { class: "hint", role: "status" });
    return make(
      "div",
      {},
      make(
        "div",
        { class: "row controls" },
        field(`spaxel x, 0 to ${nx - 1}`, this.x),
        field(`y, 0 to ${ny - 1}`, this.y),
        field("or aperture: RA and Dec", this.centre),
        field("radius (arcsec)", this.radius),
      ),
      make(
        "p",
        { class: "hint" },
        "Move over the image to see the spectrum of a spaxel, click to keep it; the circle among the image's tools draws an aperture, which can then be moved. A click in the spectrum goes to its plane.",
      ),
      this.told,
    );
  }

  #aperture() {
    const position = readPosition(this.centre.value);
    const radius = Number(this.radius.value);
    fill(this.told, "");
    // Half a circle is still being written.
    if (!this.centre.value.trim() || !this.radius.value.trim()) return;
    if (!position || !(radius > 0)) {
      fill(this.told, "Write right ascension and declination, and a radius above 0.");
      return;
    }
    this.change(
      { aperture: writeAperture(...position.map(Number), radius), spaxel: null, spectrum: null },
      "place",
    );
  }

  /** Half a range is still being written. */
  #bothOrNone() {
    return Boolean(this.low.value.trim()) === Boolean(this.high.value.trim());
  }

  #goTo(plane) {
    const last = this.wavelength.length - 1;
    const wanted = Math.min(last, Math.max(0, Math.trunc(plane) || 0));
    this.change({ plane: wanted, range: null, at: null }, "image");
  }

  #togglePlay() {
    this.playing = this.playing
      ? (clearInterval(this.playing) ?? null)
      : setInterval(() => this.#playOn(), PLAY_MS);
    this.play.textContent = this.playing ? "■ Stop" : "▶ Play";
  }

  #playOn() {
    // A view that is gone plays no more.
    if (!this.play.isConnected) clearInterval(this.playing);
    else this.#goTo((Number(this.slider.value) + 1) % this.wavelength.length);
  }

  /** Show in the fields what is shown. */
  tell({ plane, range, statistic, aperture }, place) {
    this.slider.value = plane ?? 0;
    setUnlessFocused(this.plane, plane ?? "");
    this.at.textContent = plane === null ? "" : `${formatNumber(this.wavelength[plane], 7)} µm`;
    const [low, high] = range ? range.split(",") : ["", ""];
    setUnlessFocused(this.low, low);
    setUnlessFocused(this.high, high);
    this.how.value = statistic;
    this.slider.setAttribute(
      "aria-valuetext",
      plane === null ? "all wavelengths" : `${formatNumber(this.wavelength[plane], 7)} micron`,
    );
    const spaxel = aperture ? null : place;
    setUnlessFocused(this.x, spaxel?.x ?? "");
    setUnlessFocused(this.y, spaxel?.y ?? "");
    setUnlessFocused(this.centre, aperture ? `${aperture.ra} ${aperture.dec}` : "");
    setUnlessFocused(this.radius, aperture?.radius ?? "");
  }
}
