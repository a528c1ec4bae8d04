// What is drawn over the image of a cube: a grid of positions, and the mark of the spectrum.

import { themeColour } from "../plot.js";

/** Visible on all colour maps, light and dark. */
const GRID_COLOUR = "rgba(255, 255, 255, .65)";

/** Return lines of equal right ascension and declination as traces. */
export function skyGridTraces(sky) {
  return [contourTrace(sky.ra, sky.offsets), contourTrace(sky.dec, sky.offsets)];
}

function contourTrace(z, { x, y }) {
  return {
    type: "contour",
    z,
    x,
    y,
    showscale: false,
    hoverinfo: "skip",
    ncontours: 6,
    line: { color: GRID_COLOUR, width: 0.7 },
    contours: {
      coloring: "none",
      showlabels: true,
      labelfont: { size: 10, color: GRID_COLOUR },
      labelformat: ".5f",
    },
  };
}

/** Return the line style of marks, and of circles that the user draws. */
export function markLine() {
  return { color: themeColour("series-2"), width: 2 };
}

/** Return the mark of a selection as shapes: a circle, or the square of a spaxel. */
export function selectionShapes(sky, { aperture, annulus, spaxel }) {
  // The aperture comes first: it is the circle that the user can move.
  if (aperture) return [apertureShape(sky, aperture), ...annulusShapes(sky, aperture, annulus)];
  return spaxel ? [spaxelShape(sky, spaxel)] : [];
}

function apertureShape(sky, { ra, dec, radius }) {
  const [x, y] = sky.offsetOf(ra, dec);
  const shape = { type: "circle", line: markLine(), editable: true };
  return { ...shape, ...box(x, y, radius, radius) };
}

function annulusShapes(sky, { ra, dec }, annulus) {
  if (!annulus) return [];
  const [x, y] = sky.offsetOf(ra, dec);
  const line = { ...markLine(), dash: "dot" };
  return [annulus.inner, annulus.outer].map((radius) =>
    Object.assign(box(x, y, radius, radius), { type: "circle", line, editable: false }),
  );
}

function spaxelShape(sky, spaxel) {
  const { x, y } = sky.offsets;
  const shape = { type: "rect", line: markLine(), editable: false };
  return { ...shape, ...box(x[spaxel.x], y[spaxel.y], sky.scaleX / 2, sky.scaleY / 2) };
}

function box(x, y, halfWidth, halfHeight) {
  return { x0: x - halfWidth, x1: x + halfWidth, y0: y - halfHeight, y1: y + halfHeight };
}

/**
 * Return the circle that the user has drawn, moved or resized, as {x, y, radius} in offsets;
 * null if the layout changed in another way.
 */
export function changedCircle(event, plot) {
  const edited = Object.keys(event).some((key) => /^shapes\[\d+\]\.[xy][01]$/.test(key));
  const drawn = event.shapes?.findLast(isCircle);
  const circle = drawn ?? (edited ? plot.layout.shapes.find(isCircle) : null);
  if (!circle) return null;
  const { x0, x1, y0, y1 } = circle;
  const radius = (Math.abs(x1 - x0) + Math.abs(y1 - y0)) / 4;
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, radius };
}

function isCircle({ type }) {
  return type === "circle";
}
