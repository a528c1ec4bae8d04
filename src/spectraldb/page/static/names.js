// Names of products for people; with the folder if the URI is `local:`, as names are not unique.

const LOCAL = "local:";

/** Return the name of the product of a row. */
export function productLabel({ uri, fileName }) {
  return uri?.startsWith(LOCAL) ? uri.slice(LOCAL.length) : fileName;
}

/** Return the name of the product with a URI, without the ending of its file. */
export function stemOf(uri) {
  const name = uri.startsWith(LOCAL) ? uri.slice(LOCAL.length) : uri.split("/").pop();
  return name.replace(/\.fits(\.gz)?$/, "");
}
