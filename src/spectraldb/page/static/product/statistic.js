// How pixels are combined: `statistic` in the URL and of the API, "mean" unless it says "sum".

import { urlParameters } from "../navigation.js";
import { select } from "../widgets.js";

/** Return the statistic of the URL. */
export function currentStatistic() {
  return urlParameters().get("statistic") === "sum" ? "sum" : "mean";
}

/** Return a menu that shows the statistic of the URL. */
export function statisticSelect() {
  const input = select({ mean: "mean", sum: "sum" });
  input.value = currentStatistic();
  return input;
}

/** Return the parameter of the URL for a statistic: null for the default. */
export function statisticParameter(statistic) {
  return statistic === "sum" ? "sum" : null;
}
