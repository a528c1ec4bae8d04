// Preview of a query while it is edited: its URL, its SQL and the number of matches.

import { apiUrl, LatestRequest, reportErrors } from "../api.js";
import { fill, make } from "../dom.js";
import { countQuery } from "./query.js";

export class Preview {
  constructor() {
    this.countRequest = new LatestRequest();
    this.sqlRequest = new LatestRequest();
    this.count = make("p", { class: "count", role: "status" });
    this.url = make("a", { class: "mono wrap" });
    this.sql = make("pre", { tabindex: 0, "aria-label": "SQL" });
    this.element = make("div", { class: "preview" }, this.count, this.#details());
  }

  #details() {
    return make(
      "details",
      { open: matchMedia("(min-width: 64rem)").matches },
      make("summary", {}, "URL and SQL"),
      make("p", {}, this.url),
      this.sql,
    );
  }

  /** Preview a query. */
  update(query) {
    const url = apiUrl("search", query);
    this.url.href = url;
    this.url.textContent = decodeURI(url);
    this.#updateCount(query);
    this.#updateSql(query);
  }

  async #updateCount(query) {
    this.count.className = "count busy";
    const update = async () => {
      const response = await this.countRequest.fetch("search/count", countQuery(query));
      if (response) show(this.count, "count", response.message);
    };
    await reportErrors(update, (error) => show(this.count, "count error-text", error.message));
  }

  async #updateSql(query) {
    const update = async () => {
      const response = await this.sqlRequest.fetch("search/sql", query);
      if (response) show(this.sql, "", make("code", {}, response.query));
    };
    await reportErrors(update, (error) => show(this.sql, "error-text", error.message));
  }
}

function show(element, className, content) {
  element.className = className;
  fill(element, content);
}
