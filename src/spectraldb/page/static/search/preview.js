// What a search asks while it is being written: its address, its SQL, and how much matches.

import { ApiError, apiUrl, LatestRequest } from "../api.js";
import { fill, make } from "../dom.js";

export class Preview {
  constructor() {
    this.counting = new LatestRequest();
    this.telling = new LatestRequest();
    this.count = make("p", { class: "count", role: "status" });
    this.url = make("a", { class: "mono wrap" });
    this.sql = make("pre", { tabindex: 0, "aria-label": "SQL" });
    this.element = make(
      "div",
      { class: "preview" },
      this.count,
      make(
        "details",
        { open: matchMedia("(min-width: 64rem)").matches },
        make("summary", {}, "Address and SQL"),
        make("p", {}, this.url),
        this.sql,
      ),
    );
  }

  /** Tell what parameters ask for. */
  tell(query) {
    const address = apiUrl("search", query);
    this.url.href = address;
    this.url.textContent = decodeURI(address);
    this.#count(query);
    this.#sql(query);
  }

  async #count(query) {
    const what = new URLSearchParams(query);
    for (const name of ["sort_by", "limit", "after", "columns", "group"]) what.delete(name);
    this.count.className = "count busy";
    await attempt(this.count, async () => {
      const answer = await this.counting.fetch("search/count", what);
      if (!answer) return;
      this.count.className = "count";
      this.count.textContent = answer.message;
    });
  }

  async #sql(query) {
    await attempt(this.sql, async () => {
      const answer = await this.telling.fetch("search/sql", query);
      if (answer) fill(this.sql, make("code", {}, answer.query));
    });
  }
}

/** Run f, and show in an element the error that the API tells of. */
async function attempt(element, f) {
  try {
    await f();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    element.className = `${element.className.split(" ")[0]} error-text`;
    element.textContent = error.message;
  }
}
