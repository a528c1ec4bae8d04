// Matching pixels as plots of flux against wavelength, one per flux unit.

import { fill, make } from "../dom.js";
import { formatNumber, quantity } from "../format.js";
import { robustLimits } from "../limits.js";
import { productLabel } from "../names.js";
import { drawPlot, seriesColour } from "../plot.js";
import { unitLabel } from "../units.js";
import { button, hint } from "../widgets.js";
import { productUrl } from "./table.js";

/** Maximum number of products that are drawn with different symbols. */
const MAX_PRODUCTS = 6;

/** The flux axis is logarithmic if the ratio of its limits is greater than this. */
const LOG_RATIO = 100;

/** Draw pixels into an element; a click on a pixel opens its product. */
export async function drawPixels(element, rows) {
  const total = quantity(rows.length, "pixel");
  fill(element, hint(`${total}. Click a pixel to open its product.`));
  const groups = groupBy(rows, (row) => row.fluxUnit ?? "");
  await Promise.all([...groups].map(([unit, group]) => drawUnit(element, group, unit)));
}

async function drawUnit(element, rows, unit) {
  const plot = plotElement(rows, unit);
  const note = hint();
  element.append(plot, note);
  const limits = robustLimits(rows.map((row) => row.flux));
  const showAll = () => {
    fill(note);
    drawPlot(plot, traces(rows), layout(unit, null));
  };
  await drawPlot(plot, traces(rows), layout(unit, limits));
  if (limits?.outside) fill(note, outsideNote(limits, showAll));
  plot.on("plotly_click", ({ points: [point] }) => openProduct(point));
}

function plotElement(rows, unit) {
  const total = quantity(rows.length, "pixel");
  const title = `Flux (${unitLabel(unit)}) against wavelength of ${total}`;
  const label = `${title}. The table has the values.`;
  return make("div", { class: "plot", role: "group", "aria-label": label });
}

function outsideNote({ outside }, showAll) {
  const text = `Not shown: ${quantity(outside, "pixel")} outside the range of the flux axis. `;
  return [text, button("Show all", showAll, { class: "plain" })];
}

function openProduct({ data, pointIndex }) {
  location.assign(productUrl(data.rows[pointIndex]));
}

/** Return one trace per product, or per product type if there are too many products. */
function traces(rows) {
  const byProduct = groupBy(rows, productLabel);
  const many = byProduct.size > MAX_PRODUCTS;
  const groups = many ? groupBy(rows, (row) => row.productType) : byProduct;
  return [...groups].map(([name, group], i) => ({
    type: "scatter",
    mode: "markers",
    name,
    rows: group,
    x: group.map((row) => row.wavelength),
    y: group.map((row) => row.flux),
    text: group.map(pixelText),
    hoverinfo: "text",
    marker: { size: 5, color: seriesColour(i), symbol: i % 6 },
  }));
}

function pixelText(row) {
  const { spectrum, wavelength, flux, fluxErr } = row;
  return [
    `${productLabel(row)}, spectrum ${spectrum}`,
    `${formatNumber(wavelength, 9)} µm`,
    `${formatNumber(flux, 9)} ± ${formatNumber(fluxErr, 5)}`,
  ].join("<br>");
}

/** Return the layout of a plot; without limits it shows all values. */
function layout(unit, limits) {
  const title = { text: `Flux (${unitLabel(unit)})` };
  const yaxis = limits ? limitedAxis(limits) : { type: "linear", autorange: true };
  return {
    xaxis: { title: { text: "Wavelength (µm)" } },
    yaxis: { title, ...yaxis },
    showlegend: true,
  };
}

function limitedAxis({ low, high }) {
  const log = low > 0 && high / low > LOG_RATIO;
  const range = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  return { type: log ? "log" : "linear", range, autorange: false };
}

function groupBy(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(key(row))) groups.set(key(row), []);
    groups.get(key(row)).push(row);
  }
  return groups;
}
