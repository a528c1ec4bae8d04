// The view of a product: its header, and the viewer for its type.

import { ApiError, fetchJson, fetchSchema, reportErrors } from "../api.js";
import { fill, make } from "../dom.js";
import { onNavigation, urlParameters } from "../navigation.js";
import { loading, notice } from "../widgets.js";
import { productHeader } from "./header.js";

const VIEWERS = {
  s2d: async () => (await import("./image.js")).showImage,
  s3d: async () => (await import("./cube.js")).showCube,
};
const SPECTRA = async () => (await import("./spectra.js")).showSpectra;

/** Show the view in an element. */
export async function show(main) {
  onNavigation(() => read(main));
  await read(main);
}

async function read(main) {
  fill(main, loading());
  await reportErrors(
    () => showProduct(main),
    (error) => {
      const link = make("a", { href: "./" }, "Search for products");
      fill(main, notice("error", error.message), make("p", {}, link));
    },
  );
}

async function showProduct(main) {
  const product = await fetchProduct(urlParameters());
  document.title = `${product.fileName} – Spectral DB`;
  const body = make("div", {});
  fill(main, productHeader(product, await fetchSchema()), body);
  const viewer = await (VIEWERS[product.productType] ?? SPECTRA)();
  await viewer(body, product);
}

/** Return the metadata of the product in the URL. */
async function fetchProduct(parameters) {
  const isUri = Boolean(parameters.get("uri"));
  const name = parameters.get("uri") || parameters.get("filename");
  if (!name)
    throw new ApiError("No product specified. Example: /product?uri=mast:JWST/product/...", 400);
  const query = await productQuery(isUri ? "uri" : "fileName", name);
  const { results } = await fetchJson("search/products", query);
  if (results.length === 1) return results[0];
  // The error of the API suggests similar names, or lists the products with this name.
  const selection = { [isUri ? "uri" : "filename"]: name, columns: "wavelength" };
  await fetchJson("retrieve", new URLSearchParams(selection));
  throw new ApiError(`No such product: ${name}.`, 404);
}

async function productQuery(key, name) {
  const { columns } = await fetchSchema();
  const names = columns.filter(({ table }) => table === "DataProduct").map((column) => column.name);
  const value = name.includes(",") ? `"${name}"` : name;
  return new URLSearchParams({ [key]: value, columns: names.join(",") });
}
