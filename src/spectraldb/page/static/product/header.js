// The header of the product view: metadata, downloads and links to searches.

import { apiUrl } from "../api.js";
import { copyMenu, pythonScript, shellQuoted } from "../copymenu.js";
import { make } from "../dom.js";
import { formatBytes, formatNumber } from "../format.js";
import { viewUrl } from "../navigation.js";
import { unitLabel } from "../units.js";
import { linkMenu, row } from "../widgets.js";

/** Names of the metadata under each heading. */
const GROUPS = {
  Target: "targetName targetRA targetDec targetType sRegion",
  Observation: "program observation title category dateObs expStart expEnd exposureTime",
  Instrument: "instrument expType detector filter pupil grating channel band subarray",
  Pixels:
    "productType nSpectra nStored productWavelengthMin productWavelengthMax fluxUnit " +
    "surfBrightUnit pixelArea",
  Calibration: "calVer crdsContext sdpVer dateMade",
  File: "fileName uri fileSize ingested",
};

const FORMATS = {
  csv: "CSV",
  votable: "VOTable",
  fits: "FITS table",
  parquet: "Parquet",
  arrow: "Arrow",
  json: "JSON",
};

/** Return the header of the view of a product. */
export function productHeader(product, schema) {
  return make(
    "section",
    { class: "product-head", "aria-label": "Product" },
    make("h1", { class: "wrap" }, product.fileName),
    make("p", { class: "summary" }, summary(product)),
    row(downloadMenu(product), productCopyMenu(product), searchLinks(product)),
    metadata(product, schema),
  );
}

function summary({ targetName, instrument, expType, grating, channel, filter, dateObs }) {
  const date = dateObs?.slice(0, 10);
  const parts = [targetName, instrument, expType, grating ?? channel, filter, date];
  return parts.filter(Boolean).join(" · ");
}

function downloadMenu({ uri, fileName, fileSize }) {
  const parameters = new URLSearchParams({ uri });
  const label = `FITS file (${formatBytes(fileSize)})`;
  const file = { label, href: apiUrl("retrieve/file", parameters), download: fileName };
  const tables = Object.entries(FORMATS).map(([suffix, format]) => ({
    label: format,
    href: apiUrl(`retrieve.${suffix}`, parameters),
    download: fileName.replace(/\.fits(\.gz)?$/, `.${suffix}`),
  }));
  return linkMenu("Download", [file, ...tables]);
}

function productCopyMenu({ uri }) {
  return copyMenu(() => {
    const parameters = new URLSearchParams({ uri });
    const json = apiUrl("retrieve", parameters);
    const votable = apiUrl("retrieve.votable", parameters);
    const curl = `curl -OJ ${shellQuoted(apiUrl("retrieve/file", parameters))}`;
    const retrieval = `product = db.retrieve(${JSON.stringify(uri)})`;
    const python = pythonScript(retrieval, "print(product.table)");
    return [
      { name: "URL", text: json, title: "URL of the arrays as JSON" },
      { name: "curl", text: curl, title: "Command that downloads the FITS file" },
      {
        name: "Python",
        text: python,
        title: "Code for the Python client (pip install spectraldb)",
      },
      { name: "TOPCAT", text: votable, title: "URL of a VOTable to load in TOPCAT" },
      { name: "URI", text: uri, title: "Name of the product in the lake" },
    ];
  });
}

/** Return links to searches that are related to the product. */
function searchLinks({ uri, productType, targetName, targetRA: ra, targetDec: dec }) {
  const links = [searchLink("Search its pixels", { uri, product: productType })];
  if (targetName) {
    const quoted = targetName.includes(",") ? `"${targetName}"` : targetName;
    links.push(searchLink("Same target", productQuery({ targetName: quoted })));
  }
  if (ra !== null && dec !== null) {
    const cone = { ra, dec, radius: "30arcsec" };
    links.push(searchLink("Nearby products", productQuery(cone)));
  }
  return links;
}

/** Return a query whose results are products of all types. */
function productQuery(conditions) {
  return { product: "all", ...conditions, group: "True" };
}

function searchLink(label, query) {
  const href = viewUrl("", new URLSearchParams(query));
  return make("a", { class: "button", href }, label);
}

function metadata(product, schema) {
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  const groups = Object.entries(GROUPS).map(([title, names]) => {
    const present = names.split(" ").filter((name) => (product[name] ?? null) !== null);
    const entries = present.map((name) => entry(name, product[name], columns.get(name)));
    return make("section", {}, make("h2", {}, title), make("dl", {}, entries.flat()));
  });
  const summaryElement = make("summary", {}, "Metadata");
  const list = make("div", { class: "groups" }, groups);
  return make("details", { class: "metadata" }, summaryElement, list);
}

function entry(name, value, column) {
  const text = typeof value === "number" ? formatNumber(value, 12) : String(value);
  const withUnit = column?.units ? `${text} ${unitLabel(column.units)}` : text;
  const description = make("span", { class: "visually-hidden" }, ` (${column?.description})`);
  return [make("dt", { title: column?.description }, name), make("dd", {}, withUnit, description)];
}
