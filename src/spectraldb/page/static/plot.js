// Plotly plots in the colours of the page, light or dark.

const CONFIG = {
  responsive: true,
  displaylogo: false,
  scrollZoom: true,
  // Nothing is uploaded to Plotly's service.
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

/** Arguments of `drawPlot` by element, to redraw plots in other colours. */
const plots = new Map();

/**
 * Draw traces into an element, or update its plot.
 * `layout` and `config` are Plotly's, and are merged with those of the page.  Zoom and pan are kept
 * while `uirevision` of the layout stays the same.
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

/** Return a vertical line across a plot as a Plotly shape. */
export function verticalLine(x, color, dash) {
  const line = { color, width: 1, dash };
  return { type: "line", x0: x, x1: x, y0: 0, y1: 1, yref: "paper", line };
}

/** Return a layout with the colours, fonts and margins of the page as defaults. */
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

/** Redraw all plots when the system changes between light and dark. */
function redrawPlots() {
  for (const [element, options] of plots) {
    if (element.isConnected) drawPlot(element, ...options);
    else plots.delete(element);
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawPlots);
