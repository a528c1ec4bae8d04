// Menus that export a search: downloads of all results, and texts to copy.

import { apiUrl, queryString } from "../api.js";
import { copyMenu, pythonScript, shellQuoted } from "../copymenu.js";
import { linkMenu } from "../widgets.js";
import { fullQuery } from "./query.js";

const FORMATS = {
  csv: "CSV",
  votable: "VOTable",
  fits: "FITS",
  parquet: "Parquet",
  arrow: "Arrow",
};

/** Return a menu that downloads all results. */
export function downloadMenu(query) {
  const links = Object.entries(FORMATS).map(([suffix, label]) => ({
    label,
    href: apiUrl(`search.${suffix}`, fullQuery(query)),
    download: `spectraldb.${suffix}`,
  }));
  return linkMenu("Download all", links);
}

/** Return a menu that copies a search in several forms. */
export function searchCopyMenu(query) {
  return copyMenu(() => {
    const url = apiUrl("search", query);
    const votable = apiUrl("search.votable", fullQuery(query));
    return [
      { name: "URL", text: url, title: "URL of these results as JSON" },
      {
        name: "curl",
        text: `curl ${shellQuoted(url)}`,
        title: "Command that downloads these results as JSON",
      },
      {
        name: "Python",
        text: python(query),
        title: "Code for the Python client (pip install spectraldb)",
      },
      { name: "TOPCAT", text: votable, title: "URL of a VOTable to load in TOPCAT" },
    ];
  });
}

function python(query) {
  const text = JSON.stringify(queryString(fullQuery(query)));
  return pythonScript(`table = db.search(${text}).to_qtable()`, "print(table)");
}
