// Plots by Plotly, in the colours of the page, light or dark.

const CONFIG = {
  responsive: true,
  displaylogo: false,
  scrollZoom: true,
  // Plots stay on this machine: nothing is uploaded to a service.
  plotlyServerURL: "",
  modeBarButtonsToRemove: [
    "sendChartToCloud",
    "sendDataToCloud",
    "lasso2d",
    "select2d",
    "autoScale2d",
  ],
  toImageButtonOptions: { format: "png", scale: 2 },
};

const SERIES_COLOURS = 6;

/** Arguments of `drawPlot` by element, for drawing again in other colours. */
const plots = new Map();

/**
 * Draw traces into an element, or update its plot.
 * `layout` is Plotly's and is merged with the page's; as long as its `uirevision` stays the same,
 * so do zoom and pan.  `config` has further options of Plotly.
 */
export async function drawPlot(element, traces, layout = {}, config = {}) {
  plots.set(element, [traces, layout, config]);
  await Plotly.react(element, traces, themed(layout), { ...CONFIG, ...config });
  return element;
}

/** Return a colour of the page by the name of its CSS variable, such as "accent". */
export function themeColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Return the colour of the n-th series of a plot. */
export function seriesColour(n) {
  return themeColour(`series-${(n % SERIES_COLOURS) + 1}`);
}

/** Return a vertical line across a plot as one of Plotly's shapes. */
export function verticalLine(x, color, dash) {
  const line = { color, width: 1, dash };
  return { type: "line", x0: x, x1: x, y0: 0, y1: 1, yref: "paper", line };
}

/** Return a layout with the page's colours, fonts and margins where it sets none. */
function themed(layout) {
  const merged = { ...baseLayout(), xaxis: {}, yaxis: {}, ...layout };
  for (const name of Object.keys(merged)) {
    if (/^[xy]axis\d*$/.test(name)) merged[name] = { ...baseAxis(), ...merged[name] };
  }
  return merged;
}

function baseLayout() {
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: themeColour("plot"),
    font: { family: "system-ui, sans-serif", size: 13, color: themeColour("text") },
    hoverlabel: { font: { family: "ui-monospace, monospace", size: 12 } },
    margin: { l: 60, r: 16, t: 24, b: 48 },
    dragmode: "zoom",
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
  };
}

function baseAxis() {
  const line = themeColour("line");
  return {
    gridcolor: themeColour("grid"),
    linecolor: line,
    zerolinecolor: line,
    ticks: "outside",
    tickcolor: line,
    exponentformat: "power",
    automargin: true,
  };
}

/** Draw all plots again when the system changes between light and dark. */
function redrawPlots() {
  for (const [element, options] of plots) {
    if (element.isConnected) drawPlot(element, ...options);
    else plots.delete(element);
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawPlots);
