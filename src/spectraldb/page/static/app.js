// Entry point of the page: shows the number of products in the lake, and the view of the URL.

import { ApiError, fetchJson } from "./api.js";
import { fill, make } from "./dom.js";
import { formatCount, quantity } from "./format.js";
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

function showHoldings({ products, pixels, productTypes, layouts }) {
  const types = productTypes.map((type) => `${formatCount(type.products)} ${type.productType}`);
  const counts = [`${quantity(products, "product")} (${types.join(", ")})`];
  counts.push(quantity(pixels, "pixel"));
  const others = layouts.filter(({ layout, level }) => layout !== "pipeline" || level !== "3");
  const named = others.map(
    ({ layout, level, products: number }) => `${formatCount(number)} ${layout} (${level})`,
  );
  if (named.length) counts.push(`of these ${named.join(", ")}`);
  document.getElementById("holdings").textContent = products ? counts.join(", ") : "";
}

function emptyLake() {
  return make(
    "section",
    { class: "empty" },
    make("h1", {}, "The lake is empty"),
    make("p", {}, "Ingest a folder of FITS files (x1d, c1d, x1dints, s2d or s3d):"),
    commands("spectraldb ingest FOLDER --lake LAKE"),
    make("p", {}, "Or create synthetic products to try it out:"),
    commands("spectraldb sample FOLDER", "spectraldb ingest FOLDER --lake LAKE"),
    make(
      "p",
      {},
      "LAKE is the folder that this server uses. Then ",
      make("a", { href: "" }, "reload this page"),
      ". You do not need to restart the server.",
    ),
  );
}

function commands(...lines) {
  return make("pre", { tabindex: 0 }, make("code", {}, lines.join("\n")));
}

start();
