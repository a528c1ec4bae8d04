// Entry point of the page: shows what the lake contains and the view of the URL.

import { ApiError, fetchJson } from "./api.js";
import { fill, make } from "./dom.js";
import { formatCount } from "./format.js";
import { notice } from "./widgets.js";

const VIEWS = { "": "./search/view.js", product: "./product/view.js" };

async function start() {
  const main = document.getElementById("main");
  try {
    const holdings = await fetchJson("holdings");
    showHoldings(holdings);
    if (holdings.products === 0) fill(main, emptyLake());
    else await showView(main, holdings);
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error);
    fill(main, notice("error", error.message));
  }
}

async function showView(main, holdings) {
  const name = location.pathname.split("/").pop();
  const view = await import(VIEWS[name] ?? VIEWS[""]);
  await view.show(main, holdings);
}

function showHoldings({ products, pixels, productTypes }) {
  const types = productTypes.map((type) => `${formatCount(type.products)} ${type.productType}`);
  const counts = [`${formatCount(products)} products (${types.join(", ")})`];
  counts.push(`${formatCount(pixels)} pixels`);
  document.getElementById("holdings").textContent = products ? counts.join(", ") : "";
}

function emptyLake() {
  return make(
    "section",
    { class: "empty" },
    make("h1", {}, "Nothing has been ingested yet"),
    make("p", {}, "Take in files of your own (x1d, c1d, x1dints, s2d, s3d), a folder at a time:"),
    commands("spectraldb ingest FOLDER --lake LAKE"),
    make("p", {}, "or make synthetic products to try it with:"),
    commands("spectraldb sample FOLDER", "spectraldb ingest FOLDER --lake LAKE"),
    make(
      "p",
      {},
      "LAKE is the folder that this server was started with. Then ",
      make("a", { href: "" }, "load this page again"),
      "; the server need not be started anew.",
    ),
  );
}

function commands(...lines) {
  return make("pre", { tabindex: 0 }, make("code", {}, lines.join("\n")));
}

start();
