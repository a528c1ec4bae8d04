// Fields of the image of a cube: a plane, or a range of wavelengths and how to combine it.

import { debounce, make } from "../dom.js";
import { formatNumber } from "../format.js";
import { button, controls, field, setUnlessFocused } from "../widgets.js";
import { statisticParameter, statisticSelect } from "./statistic.js";

const PLAY_MS = 250;
const SLIDE_MS = 40;

export class PlaneControls {
  /** `changed` is called with changes of the URL. */
  constructor(wavelength, changed) {
    this.wavelength = wavelength;
    this.changed = changed;
    this.timer = null;
    this.element = make("div", {}, this.#planeFields(), this.#rangeFields());
  }

  get #last() {
    return this.wavelength.length - 1;
  }

  #planeFields() {
    const limits = { min: 0, max: this.#last };
    this.slider = make("input", { type: "range", ...limits, value: 0, "aria-label": "Plane" });
    this.plane = make("input", { type: "number", ...limits });
    this.playButton = button("▶ Play", () => this.#togglePlay());
    this.output = make("output", {});
    const slide = debounce(() => this.#goTo(this.#current), SLIDE_MS);
    this.slider.addEventListener("input", slide);
    this.plane.addEventListener("change", () => this.#goTo(Number(this.plane.value)));
    return controls(
      field(`Plane (0 to ${this.#last})`, this.plane),
      this.#stepButton("←", -1, "Previous plane"),
      this.#stepButton("→", 1, "Next plane"),
      this.playButton,
      this.slider,
      this.output,
    );
  }

  #stepButton(label, step, name) {
    return button(label, () => this.#goTo(this.#current + step), { "aria-label": name });
  }

  #rangeFields() {
    this.low = make("input", { inputmode: "decimal", size: 7 });
    this.high = make("input", { inputmode: "decimal", size: 7 });
    this.statistic = statisticSelect();
    for (const input of [this.low, this.high, this.statistic]) {
      input.addEventListener("change", () => this.#changeRange());
    }
    return controls(
      field("Wavelengths from (µm)", this.low),
      field("To (µm)", this.high),
      field("Combine by", this.statistic),
      button("All wavelengths", () => this.changed({ range: null, plane: null, at: null })),
    );
  }

  #changeRange() {
    const [low, high] = [this.low.value.trim(), this.high.value.trim()];
    // The user has entered only one of the two limits so far.
    if (Boolean(low) !== Boolean(high)) return;
    const statistic = statisticParameter(this.statistic.value);
    this.changed({ range: low && `${low},${high}`, plane: null, at: null, statistic });
  }

  get #current() {
    return Number(this.slider.value);
  }

  #goTo(plane) {
    const clamped = Math.min(this.#last, Math.max(0, Math.trunc(plane) || 0));
    this.changed({ plane: clamped, range: null, at: null });
  }

  #togglePlay() {
    if (this.timer === null) this.timer = setInterval(() => this.#playNext(), PLAY_MS);
    else this.#stop();
    this.playButton.textContent = this.timer === null ? "▶ Play" : "■ Stop";
  }

  #stop() {
    clearInterval(this.timer);
    this.timer = null;
  }

  #playNext() {
    // Another view may have replaced this one.
    if (!this.playButton.isConnected) this.#stop();
    else this.#goTo((this.#current + 1) % this.wavelength.length);
  }

  /** Show the selection of the image. */
  show({ plane, range, statistic }) {
    const isPlane = plane !== null;
    const wavelength = isPlane ? formatNumber(this.wavelength[plane]) : null;
    this.slider.value = plane ?? 0;
    this.slider.setAttribute(
      "aria-valuetext",
      isPlane ? `${wavelength} micron` : "all wavelengths",
    );
    this.output.textContent = isPlane ? `${wavelength} µm` : "";
    setUnlessFocused(this.plane, plane ?? "");
    const [low, high] = range ? range.split(",") : ["", ""];
    setUnlessFocused(this.low, low);
    setUnlessFocused(this.high, high);
    this.statistic.value = statistic;
  }
}
