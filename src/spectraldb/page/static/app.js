// The page: which view the address asks for, and what the lake holds.

import { ApiError, fetchJson } from "./api.js";
import { fill, make, notice } from "./dom.js";
import { formatCount } from "./format.js";

const VIEWS = { "": "./search/view.js", product: "./product/view.js" };

async function start() {
  const main = document.getElementById("main");
  const view = location.pathname.split("/").pop();
  try {
    const holdings = await fetchJson("holdings");
    showHoldings(holdings);
    if (holdings.products === 0) fill(main, emptyLake());
    else await (await import(VIEWS[view] ?? VIEWS[""])).show(main, holdings);
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error);
    fill(main, notice("error", make("p", {}, error.message)));
  }
}

function showHoldings(holdings) {
  const types = holdings.productTypes
    .map((type) => `${formatCount(type.products)} ${type.productType}`)
    .join(", ");
  const text = `${formatCount(holdings.products)} products (${types}), ${formatCount(holdings.pixels)} pixels`;
  document.getElementById("holdings").textContent = holdings.products ? text : "";
}

function emptyLake() {
  return make(
    "section",
    { class: "empty" },
    make("h1", {}, "Nothing has been ingested yet"),
    make("p", {}, "Take in files of your own (x1d, c1d, x1dints, s2d, s3d), a folder at a time:"),
    make("pre", { tabindex: 0 }, make("code", {}, "spectraldb ingest FOLDER --lake LAKE")),
    make("p", {}, "or make synthetic products to try it with:"),
    make(
      "pre",
      { tabindex: 0 },
      make("code", {}, "spectraldb sample FOLDER\nspectraldb ingest FOLDER --lake LAKE"),
    ),
    make(
      "p",
      {},
      "LAKE is the folder that this server was started with. Then ",
      make("a", { href: "" }, "load this page again"),
      "; the server need not be started anew.",
    ),
  );
}

start();
