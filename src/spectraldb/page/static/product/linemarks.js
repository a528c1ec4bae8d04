// Spectral lines to mark, at a redshift.

import { updateParameters, urlParameters } from "../navigation.js";
import { fetchJson } from "../api.js";
import { fill, make, uniqueId } from "../dom.js";
import { themeColour, verticalLine } from "../plot.js";
import { field } from "../fields.js";

let known = null;

export class LineMarks {
  constructor(changed) {
    this.changed = changed;
    this.lines = [];
    this.element = make("div", { class: "row" });
    this.ready = this.#load();
  }

  async #load() {
    known ??= fetchJson("lines");
    this.lines = (await known).lines;
    const groups = [...new Set(this.lines.map(({ group }) => group))];
    const redshift = make("input", {
      inputmode: "decimal",
      size: 6,
      value: urlParameters().get("redshift") ?? "",
      placeholder: "0",
    });
    redshift.addEventListener("change", () =>
      this.#change({ redshift: redshift.value.trim() || null }),
    );
    fill(
      this.element,
      make(
        "details",
        { class: "menu" },
        make("summary", {}, "Lines"),
        make(
          "div",
          { class: "menu-list left" },
          groups.map((group) => this.#box(group)),
        ),
      ),
      field("redshift", redshift),
    );
  }

  #box(group) {
    const box = make("input", {
      type: "checkbox",
      id: uniqueId("lines"),
      checked: this.#chosen().includes(group),
    });
    box.addEventListener("change", () => {
      const chosen = this.#chosen().filter((name) => name !== group);
      this.#change({ lines: [...chosen, ...(box.checked ? [group] : [])].join(",") || null });
    });
    const sources = [
      ...new Set(this.lines.filter((line) => line.group === group).map(({ source }) => source)),
    ];
    return make(
      "div",
      { class: "check", title: sources.join("; ") },
      box,
      make("label", { for: box.id }, group),
    );
  }

  #chosen() {
    return (urlParameters().get("lines") ?? "").split(",").filter(Boolean);
  }

  #change(changes) {
    updateParameters(changes);
    this.changed();
  }

  /** Return the lines in a range of the spectral axis as shapes and labels of a plot. */
  shapes(to, range) {
    const chosen = this.#chosen();
    const factor = 1 + (Number(urlParameters().get("redshift")) || 0);
    const seen = this.lines
      .filter(({ group }) => chosen.includes(group))
      .map((line) => ({ ...line, x: to(line.wavelength * factor) }))
      .filter(({ x }) => range && x >= range[0] && x <= range[1]);
    return {
      shapes: seen.map(({ x }) => verticalLine(x, themeColour("muted"), "dot")),
      annotations: seen.map(({ x, name }) => ({
        x,
        y: 1,
        yref: "paper",
        text: name,
        textangle: -90,
        showarrow: false,
        yanchor: "top",
        xanchor: "right",
        font: { size: 11, color: themeColour("muted") },
      })),
    };
  }
}
