// An image with its colour bar, and the choice of stretch, cuts and colours.

import { updateParameters, urlParameters } from "../navigation.js";
import { make } from "../dom.js";
import { formatNumber } from "../format.js";
import { drawPlot } from "../plot.js";
import { field, select } from "../fields.js";
import { unitLabel } from "../units.js";
import { CUTS, stretched, STRETCHES } from "./stretch.js";

const COLOURS = ["Viridis", "Cividis", "Magma", "Greys"];

/** An image; `stretch`, `cuts` and `colours` are in the address. */
export class Heatmap {
  constructor(element, label) {
    this.controls = make("div", { class: "row controls" });
    this.plot = make("div", { class: "plot tall", role: "group", "aria-label": label });
    this.readout = make("p", { class: "readout" });
    this.hovered = null;
    this.clicked = null;
    this.moved = null;
    element.append(this.controls, this.plot, this.readout);
    this.#makeControls();
  }

  get #shown() {
    const shown = urlParameters();
    const one = (name, known, other) => (known.includes(shown.get(name)) ? shown.get(name) : other);
    return {
      stretch: one("stretch", Object.keys(STRETCHES), "asinh"),
      cuts: one("cuts", CUTS, "99.5"),
      colours: one("colours", COLOURS, "Viridis"),
    };
  }

  #makeControls() {
    const choice = (name, label, known) => {
      const input = select(known);
      input.value = this.#shown[name];
      input.addEventListener("change", () => {
        updateParameters({ [name]: input.value });
        this.#draw();
      });
      return field(label, input);
    };
    this.controls.append(
      choice(
        "stretch",
        "stretch",
        Object.fromEntries(Object.entries(STRETCHES).map(([name, { label }]) => [name, label])),
      ),
      choice(
        "cuts",
        "values shown",
        CUTS.map((cut) => [cut, `${cut} %`]),
      ),
      choice("colours", "colours", Object.fromEntries(COLOURS.map((name) => [name, name]))),
    );
  }

  /** Show rows of values; x and y are the places of columns and rows, `more` Plotly's layout. */
  async show({ rows, x, y, unit, traces = [], layout, config = {} }) {
    this.image = { rows, x, y, unit, traces, layout, config };
    await this.#draw();
    if (this.listening) return;
    this.listening = true;
    const place = ({ points }) => points.find((point) => point.data.type === "heatmap")?.pointIndex;
    this.plot.on("plotly_hover", (event) => place(event) && this.hovered?.(...place(event)));
    this.plot.on(
      "plotly_click",
      (event) => place(event) && this.clicked?.(...place(event), event.event),
    );
    this.plot.on("plotly_relayout", (event) => this.moved?.(event));
  }

  async #draw() {
    if (!this.image) return;
    const { rows, x, y, unit, traces, layout, config } = this.image;
    const shown = this.#shown;
    const { z, places, values } = stretched(rows, shown.stretch, shown.cuts);
    const bar = {
      title: { text: unitLabel(unit), side: "right" },
      tickvals: places,
      ticktext: values.map((value) => formatNumber(value, 3)),
      thickness: 14,
    };
    const heatmap = {
      type: "heatmap",
      z,
      x,
      y,
      zmin: 0,
      zmax: 1,
      colorscale: shown.colours,
      colorbar: bar,
      hoverinfo: "none",
    };
    await drawPlot(
      this.plot,
      [heatmap, ...traces],
      { hovermode: "closest", dragmode: "pan", showlegend: false, ...layout },
      config,
    );
  }

  /** Tell what lies under the pointer. */
  tell(text) {
    this.readout.textContent = text;
  }
}
