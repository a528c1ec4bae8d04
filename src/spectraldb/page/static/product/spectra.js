// The viewer of 1-D products: a spectrum of it, others laid over, its numbers.

import { ApiError, fetchJson, LatestRequest } from "../api.js";
import { updateParameters, urlParameters } from "../navigation.js";
import { fill, loading, make, notice } from "../dom.js";
import { chooser } from "./chooser.js";
import { numbers } from "./numbers.js";
import { Overlay } from "./overlay.js";
import { retrieveSpectrum, seriesOf } from "./retrieve.js";
import { SpectrumPlot } from "./spectrumplot.js";

export async function showSpectra(element, row) {
  await new SpectraView(element, row).show();
}

class SpectraView {
  constructor(element, row) {
    this.row = row;
    this.request = new LatestRequest();
    this.choice = make("div", { class: "row" });
    this.state = make("div", { "aria-live": "polite" });
    const plot = make("div", {});
    this.plot = new SpectrumPlot(plot);
    this.below = make("div", {});
    this.overlay = new Overlay(row, () => this.draw());
    fill(
      element,
      make(
        "section",
        { class: "panel", "aria-label": "Spectrum" },
        this.choice,
        this.state,
        plot,
        this.overlay.element,
        this.below,
      ),
    );
  }

  async show() {
    const answer = await fetchJson("retrieve/derived", new URLSearchParams({ uri: this.row.uri }));
    this.figures = answer.data;
    await this.draw();
  }

  get spectrum() {
    const query = Number(urlParameters().get("spectrum"));
    if (urlParameters().has("spectrum") && Number.isInteger(query)) return query;
    // Sources that are absent from an exposure have spectra without pixels.
    return Math.max(
      0,
      this.figures.nPixels.findIndex((n) => n > 0),
    );
  }

  async draw() {
    fill(this.state, loading("Reading the spectrum …"));
    try {
      const answer = await retrieveSpectrum(this.row, this.spectrum, this.request);
      if (answer) await this.#drawAnswer(answer);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.state, notice("error", make("p", {}, error.message)));
    }
  }

  async #drawAnswer(answer) {
    const what = this.#what(answer);
    const own = seriesOf(answer, what, this.#name());
    const { series, refused } = await this.overlay.series(what, own.unit);
    fill(
      this.state,
      refused.map((text) => notice("warning", make("p", {}, text))),
      answer.data.flux.length
        ? null
        : notice(
            "info",
            make("p", {}, "This spectrum has no pixels: the source is absent from the exposure."),
          ),
    );
    this.#fillChoice(answer, what);
    await this.plot.show([own, ...series]);
    fill(this.below, numbers(answer, this.row, this.spectrum));
  }

  #name() {
    const several = this.figures.spectrum.length > 1;
    return several ? `spectrum ${this.spectrum}` : this.row.fileName.replace(/\.fits(\.gz)?$/, "");
  }

  /** Return what is drawn: what is asked for, else what the derived figures were measured on. */
  #what({ data }) {
    const has = {
      flux: data.flux.some((value) => value !== null),
      surfBright: (data.surfBright ?? []).some((value) => value !== null),
    };
    const query = urlParameters().get("what");
    if (has[query]) return query;
    const measured = this.figures.snrFrom[this.figures.spectrum.indexOf(this.spectrum)];
    return measured === "surfBright" && has.surfBright ? "surfBright" : "flux";
  }

  #fillChoice({ data }, what) {
    const choose = (name, label) =>
      make(
        "button",
        {
          type: "button",
          "aria-pressed": String(what === name),
          onclick: () => this.#change({ what: name, unit: null }),
        },
        label,
      );
    const both = data.surfBright
      ? make(
          "div",
          { class: "row", role: "group", "aria-label": "What is drawn" },
          choose("flux", "Flux"),
          choose("surfBright", "Surface brightness"),
        )
      : null;
    fill(
      this.choice,
      chooser(this.figures, this.spectrum, (spectrum) => this.#change({ spectrum })),
      both,
    );
  }

  #change(changes) {
    updateParameters(changes);
    this.draw();
  }
}
