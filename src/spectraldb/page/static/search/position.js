// A circle on the sky: a position as it is pasted from elsewhere, and a radius.

import { make } from "../dom.js";
import { field, select } from "../fields.js";

const RADIUS = /^\s*([\d.eE+-]+)\s*(arcsec|arcmin|deg)?\s*$/;

export class Position {
  constructor() {
    this.place = make("input", {
      size: 30,
      placeholder: "345.815 8.874 or 23:03:15.6 +8:52:26",
      spellcheck: "false",
    });
    this.radius = make("input", { inputmode: "decimal", size: 5, placeholder: "1" });
    this.unit = select({ arcsec: "arcsec", arcmin: "arcmin", deg: "deg" });
    this.element = make(
      "fieldset",
      {},
      make("legend", {}, "Around a position (ICRS)"),
      field("RA and Dec", this.place, "degrees, or hours and degrees in sexagesimal"),
      make("div", { class: "row" }, field("radius", this.radius), field("unit", this.unit)),
    );
  }

  clear() {
    this.place.value = this.radius.value = "";
    this.unit.value = "arcsec";
  }

  /** Show the circle of parameters; returns whether there is one that can be shown. */
  fill(query) {
    const match = RADIUS.exec(query.get("radius") ?? "");
    if (!match || !query.get("ra") || !query.get("dec")) return false;
    this.place.value = `${query.get("ra")} ${query.get("dec")}`;
    this.radius.value = match[1];
    this.unit.value = match[2] ?? "deg";
    return true;
  }

  /** Add the circle to parameters; a position that cannot be read goes as it is, for the API to tell. */
  write(query) {
    const text = this.place.value.trim();
    if (!text) return;
    const [ra, dec] = readPosition(text) ?? [text, ""];
    query.set("ra", ra);
    query.set("dec", dec);
    query.set("radius", `${this.radius.value.trim() || "1"}${this.unit.value}`);
  }
}

/** Return right ascension and declination in degrees, as text; null if it is no position. */
export function readPosition(text) {
  const parts = text
    .trim()
    .replace(/[hdms:°'"′″]+/g, ":")
    .split(/[\s,]+/)
    .map((part) => part.replace(/:$/, ""));
  if (parts.length === 6)
    return readPosition(`${parts.slice(0, 3).join(":")} ${parts.slice(3).join(":")}`);
  if (parts.length !== 2) return null;
  const [ra, dec] = parts.map(degrees);
  if (ra === null || dec === null) return null;
  return [
    parts[0].includes(":") ? told(ra * 15) : parts[0],
    parts[1].includes(":") ? told(dec) : parts[1],
  ];
}

/** Return sexagesimal or decimal text as a number; null if it is none. */
function degrees(text) {
  const parts = text.split(":");
  if (
    parts.length > 3 ||
    parts.some((part) => !/^[+-]?\d*\.?\d+(e[+-]?\d+)?$|^[+-]?\d+\.?$/i.test(part))
  )
    return null;
  const sign = text.startsWith("-") ? -1 : 1;
  const [whole, minutes = 0, seconds = 0] = parts.map((part) => Math.abs(Number(part)));
  return sign * (whole + minutes / 60 + seconds / 3600);
}

/** Return degrees as text, to 4 microarcseconds. */
function told(degrees) {
  return String(Number(degrees.toFixed(9)));
}
