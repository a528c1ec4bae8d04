// Searches to click, of what the lake holds.

import { viewUrl } from "../navigation.js";
import { make } from "../dom.js";
import { quantity } from "../format.js";

const EXAMPLES = [
  {
    type: "x1d",
    title: "Bright pixels of clean spectra",
    query: "derSnr.gt=20&good=true&sort_by=-flux&columns=targetName",
  },
  {
    type: "x1d",
    title: "Around 3.3 µm, as a plot",
    query: "wavelength=3.2,3.4&good=true&show=plot",
  },
  {
    type: "x1d",
    title: "Above 3 mJy, whatever the file's unit",
    query: "product=x1d&flux.gte=3+mJy&snr.gt=3&columns=targetName",
  },
  {
    type: "s3d",
    title: "Voxels of cubes with S/N above 50",
    query: "product=s3d&snr.gt=50&good=true&sort_by=-snr&columns=ra,dec",
  },
  {
    type: "s2d",
    title: "Pixels of 2-D spectra with S/N above 10",
    query: "product=s2d&snr.gt=10&good=true&columns=ra,dec",
  },
  {
    type: "",
    title: "Every product, with the range of its wavelengths",
    query: "product=all&group=True&columns=targetName,instrument,productType",
  },
];

/** Return the start of the view: what there is, and what to try. */
export function examples(holdings) {
  const types = new Set(holdings.productTypes.map(({ productType }) => productType));
  const links = EXAMPLES.filter(({ type }) => !type || types.has(type)).map(({ title, query }) =>
    make(
      "li",
      {},
      make("a", { href: viewUrl("", new URLSearchParams(query)) }, title),
      make("code", {}, query.replaceAll("+", " ").replaceAll("&", "  ")),
    ),
  );
  const holds = holdings.productTypes.map((t) =>
    make(
      "li",
      {},
      `${t.productType}: ${quantity(t.products, "product")}, ${quantity(t.spectra, "spectrum", "spectra")}, ${quantity(t.pixels, "pixel")}`,
    ),
  );
  return make(
    "div",
    { class: "panel" },
    make("h2", {}, "Try one of these"),
    make("ul", { class: "examples" }, links),
    make("h2", {}, "What is here"),
    make("ul", {}, holds),
  );
}
