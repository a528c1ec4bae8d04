// The fields of a cone search: a position in any notation, and a radius.

import { parsePosition } from "../coordinates.js";
import { make } from "../dom.js";
import { field, fieldset, row, select } from "../widgets.js";

export const CONE_PARAMETERS = ["ra", "dec", "radius"];
const RADIUS = /^\s*([\d.eE+-]+)\s*(arcsec|arcmin|deg)?\s*$/;
const EXAMPLE = "345.815 8.874 or 23:03:15.6 +8:52:26";

export class ConeFields {
  constructor() {
    this.position = make("input", { size: 30, placeholder: EXAMPLE, spellcheck: "false" });
    this.radius = make("input", { inputmode: "decimal", size: 5, placeholder: "1" });
    this.unit = select({ arcsec: "arcsec", arcmin: "arcmin", deg: "deg" });
    this.element = fieldset(
      "Cone search (ICRS)",
      field("RA and Dec", this.position, "In degrees, or in sexagesimal hours and degrees"),
      row(field("Radius", this.radius), field("Unit", this.unit)),
    );
  }

  /** Show the cone of a query; returns false if the query has no cone that the fields can show. */
  show(query) {
    const match = RADIUS.exec(query.get("radius") ?? "");
    if (!match || !query.get("ra") || !query.get("dec")) return false;
    this.position.value = `${query.get("ra")} ${query.get("dec")}`;
    this.radius.value = match[1];
    this.unit.value = match[2] ?? "deg";
    return true;
  }

  /** Add the cone to a query; for an invalid position, the API returns the error message. */
  write(query) {
    const text = this.position.value.trim();
    if (!text) return;
    const [ra, dec] = parsePosition(text) ?? [text, ""];
    query.set("ra", ra);
    query.set("dec", dec);
    query.set("radius", `${this.radius.value.trim() || "1"}${this.unit.value}`);
  }
}
