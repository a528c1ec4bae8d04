// The spectrum selected in an image: its plot and values, and the spectrum under the pointer.

import { reportErrors } from "../api.js";
import { fill, make } from "../dom.js";
import { loading, notice } from "../widgets.js";
import { numbersTable } from "./numbers.js";
import { seriesColumns } from "./series.js";
import { SpectrumPlot } from "./spectrumplot.js";

export class SpectrumPanel {
  constructor(product) {
    this.product = product;
    this.status = make("div", { "aria-live": "polite" });
    this.plot = new SpectrumPlot();
    this.numbers = make("div", {});
    this.elements = [this.status, this.plot.element, this.numbers];
    this.series = null;
  }

  /** Show a progress message. */
  showProgress(text) {
    fill(this.status, loading(text));
  }

  /** Show the series that `load` returns; null if a later request has replaced it. */
  async show(load) {
    const update = async () => {
      const series = await load();
      if (series) await this.#select(series);
    };
    await reportErrors(update, (error) => fill(this.status, notice("error", error.message)));
  }

  async #select(series) {
    fill(this.status);
    this.series = series;
    await this.plot.show([series]);
    fill(this.numbers, numbersTable(seriesColumns(series), this.product, series.spectrum));
  }

  /** Draw the series under the pointer over the selected one. */
  async showPointer(series) {
    if (this.series) await this.plot.show([this.series, series]);
  }
}
