// How pixels are combined: `statistic` in the URL and in the API, "mean" by default or "sum".

import { urlParameters } from "../navigation.js";
import { select } from "../widgets.js";

/** Return the statistic in the URL. */
export function currentStatistic() {
  return urlParameters().get("statistic") === "sum" ? "sum" : "mean";
}

/** Return a select element with the statistic in the URL. */
export function statisticSelect() {
  const input = select({ mean: "mean", sum: "sum" });
  input.value = currentStatistic();
  return input;
}

/** Return the URL parameter for a statistic; null for the default. */
export function statisticParameter(statistic) {
  return statistic === "sum" ? "sum" : null;
}
