// Example searches for the product types in the lake.

import { make } from "../dom.js";
import { quantity } from "../format.js";
import { viewUrl } from "../navigation.js";

const EXAMPLES = [
  {
    type: "x1d",
    title: "Brightest good pixels in spectra with S/N above 20",
    query: "derSnr.gt=20&good=true&sort_by=-flux&columns=targetName",
  },
  {
    type: "x1d",
    title: "Pixels around 3.3 µm, as a plot",
    query: "wavelength=3.2,3.4&good=true&show=plot",
  },
  {
    type: "x1d",
    title: "Pixels above 3 mJy, in any unit of the file",
    query: "product=x1d&flux.gte=3+mJy&snr.gt=3&columns=targetName",
  },
  {
    type: "s3d",
    title: "Pixels of cubes with S/N above 50",
    query: "product=s3d&snr.gt=50&good=true&sort_by=-snr&columns=ra,dec",
  },
  {
    type: "s2d",
    title: "Pixels of 2-D spectra with S/N above 10",
    query: "product=s2d&snr.gt=10&good=true&columns=ra,dec",
  },
  {
    type: null,
    title: "All products, with their wavelength ranges",
    query: "product=all&group=true&columns=targetName,instrument,productType",
  },
];

/** Return the panel shown before a search: examples, and the contents of the lake. */
export function examples({ productTypes }) {
  const types = new Set(productTypes.map(({ productType }) => productType));
  const links = EXAMPLES.filter(({ type }) => type === null || types.has(type)).map(example);
  return make(
    "div",
    { class: "panel" },
    make("h2", {}, "Example searches"),
    make("ul", { class: "examples" }, links),
    make("h2", {}, "Contents of the lake"),
    make("ul", {}, productTypes.map(typeSummary)),
  );
}

function example({ title, query }) {
  const url = viewUrl("", new URLSearchParams(query));
  const text = query.replaceAll("+", " ").replaceAll("&", "  ");
  return make("li", {}, make("a", { href: url }, title), make("code", {}, text));
}

function typeSummary({ productType, products, spectra, pixels }) {
  const counts = [
    quantity(products, "product"),
    quantity(spectra, "spectrum", "spectra"),
    quantity(pixels, "pixel"),
  ];
  return make("li", {}, `${productType}: ${counts.join(", ")}`);
}
