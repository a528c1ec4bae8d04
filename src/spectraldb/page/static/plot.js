// Drawing with Plotly, in the page's own colours, light or dark.

/* global Plotly */

const CONFIG = {
  responsive: true,
  displaylogo: false,
  scrollZoom: true,
  // What is drawn stays here: nothing is sent to a service of others.
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

const shown = new Map();

/**
 * Draw traces into an element, or redraw what it shows.
 * `layout` is Plotly's and is merged with the page's; `uirevision` keeps zoom and pan across
 * redraws for as long as it stays the same.  `more` are further options of Plotly.
 */
export async function drawPlot(element, traces, layout = {}, more = {}) {
  shown.set(element, { traces, layout, more });
  await Plotly.react(element, traces, themed(layout), { ...CONFIG, ...more });
  return element;
}

/** Forget a plot and give back what it holds. */
export function erase(element) {
  shown.delete(element);
  Plotly.purge(element);
}

/** Return a colour of the page by the name of its CSS variable, such as "accent". */
export function themeColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Return the colour of the n-th spectrum laid over others. */
export function seriesColour(n) {
  return themeColour(`series-${(n % 6) + 1}`);
}

/** Return a vertical line across a plot as one of Plotly's shapes. */
export function verticalLine(x, color, dash) {
  const line = { color, width: 1, dash };
  return { type: "line", x0: x, x1: x, y0: 0, y1: 1, yref: "paper", line };
}

function themed(layout) {
  const axis = {
    gridcolor: themeColour("grid"),
    linecolor: themeColour("line"),
    zerolinecolor: themeColour("line"),
    ticks: "outside",
    tickcolor: themeColour("line"),
    exponentformat: "power",
    automargin: true,
  };
  const whole = {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: themeColour("plot"),
    font: { family: "system-ui, sans-serif", size: 13, color: themeColour("text") },
    hoverlabel: { font: { family: "ui-monospace, monospace", size: 12 } },
    margin: { l: 60, r: 16, t: 24, b: 48 },
    dragmode: "zoom",
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
    ...layout,
  };
  for (const name of Object.keys(whole)) {
    if (/^[xy]axis\d*$/.test(name)) whole[name] = { ...axis, ...whole[name] };
  }
  whole.xaxis ??= axis;
  whole.yaxis ??= axis;
  return whole;
}

/** Call `f` when the reader's system changes between light and dark, after plots were redrawn. */
export function onTheme(f) {
  themeListeners.add(f);
}

const themeListeners = new Set();

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const [element, { traces, layout, more }] of shown) {
    if (element.isConnected) drawPlot(element, traces, layout, more);
    else shown.delete(element);
  }
  for (const listener of themeListeners) listener();
});
