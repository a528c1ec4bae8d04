// The view of a product: what it is, and the viewer that suits its kind.

import { ApiError, fetchJson, fetchSchema } from "../api.js";
import { onNavigation, urlParameters } from "../navigation.js";
import { fill, loading, make, notice } from "../dom.js";
import { header } from "./header.js";

const VIEWERS = {
  s2d: async () => (await import("./image.js")).showImage,
  s3d: async () => (await import("./cube.js")).showCube,
};
const SPECTRA = async () => (await import("./spectra.js")).showSpectra;

export async function show(main) {
  onNavigation(() => read(main));
  await read(main);
}

async function read(main) {
  fill(main, loading());
  const shown = urlParameters();
  try {
    const row = await product(shown);
    document.title = `${row.fileName} – Spectral DB`;
    const body = make("div", {});
    fill(main, header(row, await fetchSchema()), body);
    const viewer = await (VIEWERS[row.productType] ?? SPECTRA)();
    await viewer(body, row);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    fill(
      main,
      notice("error", make("p", {}, error.message)),
      make("p", {}, make("a", { href: "./" }, "Search for products")),
    );
  }
}

/** Return the metadata of the product that the address names. */
async function product(shown) {
  const [key, name] = shown.get("uri")
    ? ["uri", shown.get("uri")]
    : ["fileName", shown.get("filename")];
  if (!name) throw new ApiError("Say which product: /product?uri=mast:JWST/product/...", 400);
  const { columns: known } = await fetchSchema();
  const wanted = known.filter(({ table }) => table === "DataProduct").map((column) => column.name);
  const query = new URLSearchParams({
    [key]: name.includes(",") ? `"${name}"` : name,
    columns: wanted.join(","),
  });
  const { results } = await fetchJson("search/products", query);
  if (results.length === 1) return results[0];
  // The API says it best: what is not held, and what is near; or which of several it could be.
  await fetchJson(
    "retrieve",
    new URLSearchParams({ [key === "uri" ? "uri" : "filename"]: name, columns: "wavelength" }),
  );
  throw new ApiError(`${name} is not held here.`, 404);
}
