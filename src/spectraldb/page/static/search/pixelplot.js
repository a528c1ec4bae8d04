// Matched pixels as a plot: flux against wavelength, a plot for each unit of the flux.

import { fill, make } from "../dom.js";
import { quantity, formatNumber } from "../format.js";
import { drawPlot, seriesColour } from "../plot.js";
import { robustLimits } from "../limits.js";
import { unitLabel } from "../units.js";
import { productUrl } from "./table.js";

const MOST_NAMED = 6;

/** Draw rows into an element; a click on a pixel opens its product. */
export async function drawPixels(element, rows) {
  const byUnit = groupBy(rows, (row) => row.fluxUnit ?? "");
  fill(
    element,
    make(
      "p",
      { class: "hint" },
      `${quantity(rows.length, "pixel")} drawn. Click one to open its product.`,
    ),
  );
  for (const [unit, some] of byUnit) {
    const plot = make("div", {
      class: "plot",
      role: "group",
      "aria-label": `Flux in ${unitLabel(unit)} against wavelength of ${quantity(some.length, "pixel")}; the table has the numbers`,
    });
    const whole = make("p", { class: "hint" });
    element.append(plot, whole);
    const limits = robustLimits(some.map((row) => row.flux));
    await drawPlot(plot, traces(some), layout(unit, limits));
    if (limits.outside) {
      whole.append(
        `${quantity(limits.outside, "pixel")} beyond the flux axis. `,
        make(
          "button",
          { type: "button", class: "plain", onclick: () => showAll(plot, some, unit, whole) },
          "Show all",
        ),
      );
    }
    plot.on("plotly_click", ({ points: [point] }) =>
      location.assign(productUrl(point.data.rows[point.pointIndex])),
    );
  }
}

/** Pixels of few products are told apart by product, those of many by kind of product. */
function traces(rows) {
  let groups = groupBy(rows, (row) => row.fileName);
  if (groups.size > MOST_NAMED) groups = groupBy(rows, (row) => row.productType);
  return [...groups].map(([name, some], i) => ({
    type: "scatter",
    mode: "markers",
    name,
    rows: some,
    x: some.map((row) => row.wavelength),
    y: some.map((row) => row.flux),
    text: some.map(
      (row) =>
        `${row.fileName}, spectrum ${row.spectrum}<br>${formatNumber(row.wavelength, 9)} µm<br>${formatNumber(row.flux, 9)} ± ${formatNumber(row.fluxErr, 5)}`,
    ),
    hoverinfo: "text",
    marker: { size: 5, color: seriesColour(i), symbol: i % 6 },
  }));
}

function showAll(plot, rows, unit, told) {
  fill(told);
  drawPlot(plot, traces(rows), layout(unit, null));
}

function layout(unit, limits) {
  const log = limits && limits.low > 0 && limits.high / limits.low > 100;
  return {
    xaxis: { title: { text: "Wavelength (µm)" } },
    yaxis: {
      title: { text: `Flux (${unitLabel(unit)})` },
      // Fluxes that span powers of ten are drawn by their logarithm.
      type: log ? "log" : "linear",
      range:
        limits &&
        (log ? [Math.log10(limits.low), Math.log10(limits.high)] : [limits.low, limits.high]),
      autorange: !limits,
    },
    showlegend: true,
  };
}

function groupBy(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(key(row))) groups.set(key(row), []);
    groups.get(key(row)).push(row);
  }
  return groups;
}
