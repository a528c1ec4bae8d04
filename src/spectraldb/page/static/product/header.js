// What a product is: its metadata, its downloads, where to go from it.

import { apiUrl } from "../api.js";
import { viewUrl } from "../navigation.js";
import { copyMenu, pythonScript, shellQuoted } from "../copymenu.js";
import { make } from "../dom.js";
import { formatBytes, formatNumber } from "../format.js";
import { unitLabel } from "../units.js";

const GROUPS = {
  Target: ["targetName", "targetRA", "targetDec", "targetType", "sRegion"],
  Observation: [
    "program",
    "observation",
    "title",
    "category",
    "dateObs",
    "expStart",
    "expEnd",
    "exposureTime",
  ],
  Instrument: [
    "instrument",
    "expType",
    "detector",
    "filter",
    "pupil",
    "grating",
    "channel",
    "band",
    "subarray",
  ],
  Pixels: [
    "productType",
    "nSpectra",
    "nStored",
    "productWavelengthMin",
    "productWavelengthMax",
    "fluxUnit",
    "surfBrightUnit",
  ],
  Calibration: ["calVer", "crdsContext", "sdpVer", "dateMade"],
  File: ["fileName", "uri", "fileSize", "ingested"],
};
const FORMATS = {
  csv: "CSV",
  votable: "VOTable",
  fits: "FITS table",
  parquet: "Parquet",
  arrow: "Arrow",
  json: "JSON",
};

/** Return the head of the view of a product. */
export function header(row, schema) {
  const summary = [
    row.targetName,
    row.instrument,
    row.expType,
    row.grating ?? row.channel,
    row.filter,
    row.dateObs?.slice(0, 10),
  ].filter(Boolean);
  return make(
    "section",
    { class: "product-head", "aria-label": "Product" },
    make("h1", { class: "wrap" }, row.fileName),
    make("p", { class: "summary" }, summary.join(" · ")),
    make(
      "div",
      { class: "row" },
      downloads(row),
      copyMenu(() => ways(row)),
      ...links(row),
    ),
    metadata(row, schema),
  );
}

function query(row) {
  return new URLSearchParams({ uri: row.uri });
}

function downloads(row) {
  const file = make(
    "a",
    { href: apiUrl("retrieve/file", query(row)), download: row.fileName },
    `The FITS file (${formatBytes(row.fileSize)})`,
  );
  const tables = Object.entries(FORMATS).map(([ending, label]) =>
    make(
      "li",
      {},
      make(
        "a",
        {
          href: apiUrl(`retrieve.${ending}`, query(row)),
          download: row.fileName.replace(/\.fits(\.gz)?$/, `.${ending}`),
        },
        label,
      ),
    ),
  );
  return make(
    "details",
    { class: "menu" },
    make("summary", {}, "Download"),
    make("ul", { class: "menu-list" }, make("li", {}, file), tables),
  );
}

function links(row) {
  const type = ["product", row.productType];
  const found = [["Its pixels", new URLSearchParams([["uri", row.uri], type])]];
  if (row.targetName)
    found.push([
      "Same target",
      new URLSearchParams({
        product: "all",
        targetName: row.targetName.includes(",") ? `"${row.targetName}"` : row.targetName,
        group: "True",
      }),
    ]);
  if (row.targetRA !== null && row.targetDec !== null) {
    found.push([
      "Around its position",
      new URLSearchParams({
        product: "all",
        ra: row.targetRA,
        dec: row.targetDec,
        radius: "30arcsec",
        group: "True",
      }),
    ]);
  }
  return found.map(([label, query]) =>
    make("a", { class: "button", href: viewUrl("", query) }, label),
  );
}

function metadata(row, schema) {
  const known = new Map(schema.columns.map((column) => [column.name, column]));
  const groups = Object.entries(GROUPS).map(([title, names]) =>
    group(
      title,
      names.filter((name) => row[name] !== null && row[name] !== undefined),
      row,
      known,
    ),
  );
  return make(
    "details",
    { class: "metadata" },
    make("summary", {}, "Metadata"),
    make("div", { class: "groups" }, groups),
  );
}

function group(title, names, row, known) {
  const entries = names.flatMap((name) => {
    const column = known.get(name);
    const value = typeof row[name] === "number" ? formatNumber(row[name], 12) : String(row[name]);
    return [
      make("dt", { title: column?.description }, name),
      make(
        "dd",
        {},
        column?.units ? `${value} ${unitLabel(column.units)}` : value,
        make("span", { class: "visually-hidden" }, ` (${column?.description})`),
      ),
    ];
  });
  return make("section", {}, make("h2", {}, title), make("dl", {}, entries));
}

function ways(row) {
  const json = apiUrl("retrieve", query(row));
  const votable = apiUrl("retrieve.votable", query(row));
  const file = apiUrl("retrieve/file", query(row));
  const python = pythonScript(
    `product = db.retrieve(${JSON.stringify(row.uri)})`,
    "print(product.table)",
  );
  return [
    { name: "URL", text: json, title: "the arrays as JSON" },
    { name: "curl", text: `curl -OJ ${shellQuoted(file)}`, title: "gets the FITS file" },
    { name: "Python", text: python, title: "with the client: pip install spectraldb" },
    { name: "TOPCAT", text: votable, title: "a VOTable's address, to load in TOPCAT" },
    { name: "URI", text: row.uri },
  ];
}
