// Fields of the viewer of 2-D spectra: slit, rows, and how to combine rows.

import { make } from "../dom.js";
import { updateParameters } from "../navigation.js";
import { controls, field, hint, select } from "../widgets.js";
import { statisticSelect } from "./statistic.js";

const HELP =
  "Move the pointer over the image to see the spectrum of a row. Click to keep it; shift-click " +
  "another row to select all rows in between.";

export class RowControls {
  /** `changed` is called with the first and last row. */
  constructor(image, changed) {
    this.changed = changed;
    this.first = numberInput(image.rowCount - 1);
    this.last = numberInput(image.rowCount - 1);
    this.statistic = statisticSelect();
    this.first.addEventListener("change", () => this.#changeFirst());
    this.last.addEventListener("change", () => this.#change());
    this.statistic.addEventListener("change", () => this.#change());
    this.element = make("div", {}, this.#fields(image), hint(HELP));
  }

  #fields({ across, rowCount, slitCount, slit }) {
    return controls(
      slitCount ? field("Slit", slitSelect(slitCount, slit)) : null,
      field(`First row (${across}, 0 to ${rowCount - 1})`, this.first),
      field("Last row", this.last),
      field("Combine rows by", this.statistic),
    );
  }

  /** If one row is selected, the last row follows the first; changing the last makes a range. */
  #changeFirst() {
    const [first, last] = this.#rows;
    if (this.single || last < first) this.last.value = first;
    this.#change();
  }

  get #rows() {
    return [Number(this.first.value), Number(this.last.value)];
  }

  #change() {
    this.changed(...this.#rows);
  }

  /** Show the selected rows. */
  show(first, last) {
    [this.first.value, this.last.value] = [first, last];
    this.single = first === last;
  }
}

function numberInput(max) {
  return make("input", { type: "number", min: 0, max, value: 0 });
}

function slitSelect(count, current) {
  const input = select(Array.from({ length: count }, (_, i) => [i, `slit ${i}`]));
  input.value = current;
  input.addEventListener("change", () => {
    updateParameters({ slit: input.value, rows: null });
    // The images of slits differ in shape.
    location.reload();
  });
  return input;
}
