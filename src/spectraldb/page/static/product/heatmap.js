// An image with a colour bar, and controls for stretch, cuts and colours.

import { make } from "../dom.js";
import { formatNumber } from "../format.js";
import { updateParameters, urlParameters } from "../navigation.js";
import { drawPlot } from "../plot.js";
import { unitLabel } from "../units.js";
import { controls, field, select } from "../widgets.js";
import { CUTS, STRETCHES, stretchImage } from "./stretch.js";

const COLOURS = ["Viridis", "Cividis", "Magma", "Greys"];

/** The label, choices and default of each control, by its parameter in the URL. */
const CONTROLS = {
  stretch: {
    label: "Stretch",
    choices: Object.entries(STRETCHES).map(([name, { label }]) => [name, label]),
    initial: "asinh",
  },
  cuts: {
    label: "Percentile interval",
    choices: CUTS.map((cut) => [cut, `${cut} %`]),
    initial: "99.5",
  },
  colours: {
    label: "Colour map",
    choices: COLOURS.map((name) => [name, name]),
    initial: "Viridis",
  },
};

export class Heatmap {
  constructor(label) {
    this.plot = make("div", { class: "plot tall", role: "group", "aria-label": label });
    this.readout = make("p", { class: "readout" });
    const fields = Object.keys(CONTROLS).map((name) => this.#control(name));
    this.element = make("div", {}, controls(...fields), this.plot, this.readout);
    /** Called with row, column and event when the pointer moves to a pixel, or on a click. */
    this.onHover = null;
    this.onClick = null;
    /** Called with Plotly's event when the user changes the layout. */
    this.onRelayout = null;
  }

  #control(name) {
    const { label, choices } = CONTROLS[name];
    const input = select(choices);
    input.value = setting(name);
    input.addEventListener("change", () => {
      updateParameters({ [name]: input.value });
      if (this.image) this.#draw();
    });
    return field(label, input);
  }

  /**
   * Show an image: rows of values, the coordinates x and y of columns and rows, and the unit;
   * `traces`, `layout` and `config` are further options of Plotly.
   */
  async show(image) {
    this.image = image;
    await this.#draw();
    if (this.listening) return;
    this.listening = true;
    this.plot.on("plotly_hover", (event) => callAtPixel(this.onHover, event));
    this.plot.on("plotly_click", (event) => callAtPixel(this.onClick, event));
    this.plot.on("plotly_relayout", (event) => this.onRelayout?.(event));
  }

  async #draw() {
    const { traces = [], layout, config = {} } = this.image;
    const options = { hovermode: "closest", dragmode: "pan", showlegend: false, ...layout };
    await drawPlot(this.plot, [heatmapTrace(this.image), ...traces], options, config);
  }

  /** Show a description of the pixel under the pointer. */
  setReadout(text) {
    this.readout.textContent = text;
  }
}

/** Return a setting from the URL, or its default. */
function setting(name) {
  const { choices, initial } = CONTROLS[name];
  const value = urlParameters().get(name);
  return choices.some(([choice]) => choice === value) ? value : initial;
}

function heatmapTrace({ rows, x, y, unit }) {
  const { shades, ...ticks } = stretchImage(rows, setting("stretch"), setting("cuts"));
  return {
    type: "heatmap",
    z: shades,
    x,
    y,
    zmin: 0,
    zmax: 1,
    colorscale: setting("colours"),
    colorbar: colourBar(ticks, unit),
    hoverinfo: "none",
  };
}

function colourBar({ tickShades, tickValues }, unit) {
  return {
    title: { text: unitLabel(unit), side: "right" },
    tickvals: tickShades,
    ticktext: tickValues.map((value) => formatNumber(value, 3)),
    thickness: 14,
  };
}

/** Call a function with the row and column of an event's pixel. */
function callAtPixel(f, { points, event }) {
  const pixel = points.find(({ data }) => data.type === "heatmap")?.pointIndex;
  if (pixel) f?.(...pixel, event);
}
