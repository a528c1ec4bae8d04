// Marks of spectral lines at a redshift.

import { fetchJson } from "../api.js";
import { fill, make, uniqueId } from "../dom.js";
import { updateParameters, urlParameters } from "../navigation.js";
import { themeColour, verticalLine } from "../plot.js";
import { field, menu } from "../widgets.js";

let linesResponse = null;

/** Return the lines of the API, which are fetched once. */
async function fetchLines() {
  linesResponse ??= fetchJson("lines");
  return (await linesResponse).lines;
}

/** Controls for the lines, whose state is in `lines` and `redshift` of the URL. */
export class LineMarks {
  constructor(changed) {
    this.changed = changed;
    this.lines = [];
    this.element = make("div", { class: "row" });
    this.ready = this.#load();
  }

  async #load() {
    this.lines = await fetchLines();
    const groups = [...new Set(this.lines.map(({ group }) => group))];
    const boxes = groups.map((group) => this.#groupBox(group));
    const lines = menu("Lines", make("div", { class: "menu-list left" }, boxes));
    fill(this.element, lines, field("Redshift", this.#redshiftInput()));
  }

  #redshiftInput() {
    const value = urlParameters().get("redshift") ?? "";
    const input = make("input", { inputmode: "decimal", size: 6, value, placeholder: "0" });
    input.addEventListener("change", () => this.#change({ redshift: input.value.trim() }));
    return input;
  }

  #groupBox(group) {
    const checked = chosenGroups().includes(group);
    const box = make("input", { type: "checkbox", id: uniqueId("lines"), checked });
    box.addEventListener("change", () => {
      const others = chosenGroups().filter((name) => name !== group);
      this.#change({ lines: [...others, ...(box.checked ? [group] : [])].join(",") });
    });
    const label = make("label", { for: box.id }, group);
    return make("div", { class: "check", title: this.#sources(group) }, box, label);
  }

  #sources(group) {
    const lines = this.lines.filter((line) => line.group === group);
    return [...new Set(lines.map(({ source }) => source))].join("; ");
  }

  #change(changes) {
    updateParameters(changes);
    this.changed();
  }

  /** Return the lines in a range of the spectral axis, [low, high], as shapes and annotations. */
  marks(fromMicron, range) {
    if (!range) return { shapes: [], annotations: [] };
    const factor = 1 + (Number(urlParameters().get("redshift")) || 0);
    const chosen = this.lines.filter(({ group }) => chosenGroups().includes(group));
    const marks = chosen
      .map(({ name, wavelength }) => ({ name, x: fromMicron(wavelength * factor) }))
      .filter(({ x }) => x >= range[0] && x <= range[1]);
    return {
      shapes: marks.map(({ x }) => verticalLine(x, themeColour("muted"), "dot")),
      annotations: marks.map(annotation),
    };
  }
}

function chosenGroups() {
  return (urlParameters().get("lines") ?? "").split(",").filter(Boolean);
}

function annotation({ x, name }) {
  return {
    x,
    y: 1,
    yref: "paper",
    text: name,
    textangle: -90,
    showarrow: false,
    yanchor: "top",
    xanchor: "right",
    font: { size: 11, color: themeColour("muted") },
  };
}
