// The selection of the viewer of cubes, from the URL.

import { urlParameters } from "../navigation.js";
import { parseAnnulus, parseAperture } from "./aperture.js";
import { currentStatistic } from "./statistic.js";

/** Return what the image shows: a plane, or a range of wavelengths and how to combine it. */
export function imageSelection(cube) {
  const parameters = urlParameters();
  const plane = selectedPlane(cube, parameters);
  return {
    plane: cube.hasPlane(plane) ? plane : null,
    range: parameters.get("range"),
    statistic: currentStatistic(),
  };
}

/** Return the plane in the URL, else the plane nearest to the wavelength in the URL. */
function selectedPlane(cube, parameters) {
  if (parameters.has("plane")) return Number(parameters.get("plane"));
  if (!parameters.get("at") || parameters.has("range")) return null;
  return cube.nearestPlane(Number(parameters.get("at")));
}

/** Return the aperture and its annulus, or the selected spaxel {x, y}, else the brightest one. */
export function spectrumSelection(cube, image) {
  const parameters = urlParameters();
  const aperture = parseAperture(parameters.get("aperture"));
  const annulus = aperture ? parseAnnulus(parameters.get("annulus")) : null;
  const spaxel = selectedSpaxel(cube.sky, parameters) ?? brightestSpaxel(image);
  return { aperture, annulus, spaxel: aperture ? null : spaxel };
}

function selectedSpaxel(sky, parameters) {
  const spaxels = [];
  if (parameters.has("spaxel")) spaxels.push(parameters.get("spaxel").split(",").map(Number));
  if (parameters.has("spectrum")) {
    const spectrum = Number(parameters.get("spectrum"));
    spaxels.push([spectrum % sky.nx, Math.floor(spectrum / sky.nx)]);
  }
  const [x, y] = spaxels.find((spaxel) => sky.has(...spaxel)) ?? [];
  return x === undefined ? null : { x, y };
}

function brightestSpaxel(image) {
  if (!image) return null;
  let [brightest, highest] = [{ x: 0, y: 0 }, -Infinity];
  for (const [y, row] of image.flux.entries()) {
    for (const [x, value] of row.entries()) {
      if (value !== null && value > highest) [brightest, highest] = [{ x, y }, value];
    }
  }
  return brightest;
}
