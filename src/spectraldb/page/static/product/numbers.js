// The numbers behind a plot, as a table: the file's own, to read and to copy.

import { apiUrl } from "../api.js";
import { make } from "../dom.js";
import { quantity } from "../format.js";
import { unitLabel } from "../units.js";

const MOST = 500;

/** Arrays that are not the file's own. */
const COMPUTED = ["good"];

/** Return the first pixels of an answer whose arrays are 1-D, filled in when it is opened. */
export function numbers(answer, row, spectrum) {
  const names = Object.keys(answer.data).filter(
    (name) =>
      !COMPUTED.includes(name) &&
      Array.isArray(answer.data[name]) &&
      answer.data[name].length === answer.data.wavelength.length,
  );
  const query = new URLSearchParams({
    uri: row.uri,
    ...(spectrum === undefined ? {} : { spectrum }),
  });
  const body = make("tbody", {});
  const heads = names.map((name) => {
    const unit = answer.column_metadata[name].units;
    return make(
      "th",
      { scope: "col", class: "number", title: answer.column_metadata[name].description },
      unit ? `${name} (${unitLabel(unit)})` : name,
    );
  });
  const table = make(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": "Numbers" },
    make(
      "table",
      {},
      make(
        "thead",
        {},
        make("tr", {}, make("th", { scope: "col", class: "number" }, "pixel"), heads),
      ),
      body,
    ),
  );
  const count = answer.data.wavelength.length;
  const told = make(
    "p",
    { class: "hint" },
    count > MOST ? `The first ${MOST} of ${quantity(count, "pixel")}. ` : "",
    make("a", { href: apiUrl("retrieve.csv", query), download: "" }, "All of it as CSV"),
  );
  const details = make(
    "details",
    { class: "numbers" },
    make("summary", {}, "Numbers"),
    told,
    table,
  );
  details.addEventListener("toggle", () => {
    if (!body.childElementCount) body.append(...rows(answer.data, names, Math.min(count, MOST)));
  });
  return details;
}

function rows(data, names, count) {
  return Array.from({ length: count }, (_, i) =>
    make(
      "tr",
      {},
      make("td", { class: "number" }, String(i)),
      names.map((name) =>
        make("td", { class: "number" }, data[name][i] === null ? "" : String(data[name][i])),
      ),
    ),
  );
}
