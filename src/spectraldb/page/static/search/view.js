// The search view: the form, what it asks, and the answer.  The address of the page has the
// parameters of the API, and `show` besides.

import { ApiError, LatestRequest, fetchSchema } from "../api.js";
import { onNavigation, setParameters, urlParameters } from "../navigation.js";
import { debounce, fill, loading, make, notice } from "../dom.js";
import { SearchResults } from "./results.js";
import { examples } from "./examples.js";
import { SearchForm } from "./form.js";
import { Preview } from "./preview.js";

/** What the page itself puts into the address, and the API does not know. */
const OWN = ["show"];

export async function show(main, holdings) {
  document.title = "Search – Spectral DB";
  const view = new SearchView(main, holdings, await fetchSchema());
  onNavigation(() => view.read());
  view.read();
}

class SearchView {
  constructor(main, holdings, schema) {
    this.request = new LatestRequest();
    this.preview = new Preview();
    this.answer = new SearchResults({ schema, change: (changes) => this.change(changes) });
    this.form = new SearchForm(schema, holdings, {
      changed: debounce(() => this.preview.tell(this.form.query()), 300),
      submitted: () => this.submit(),
    });
    this.examples = examples(holdings);
    this.results = make("section", { class: "results", "aria-label": "Results" });
    fill(
      main,
      make(
        "div",
        { class: "search" },
        make(
          "section",
          { class: "panel", "aria-label": "Conditions" },
          make("h1", {}, "Search pixels"),
          this.form.element,
          this.preview.element,
        ),
        this.results,
      ),
    );
  }

  /** Show what the address asks for. */
  read() {
    const shown = urlParameters();
    const query = withoutOwn(shown);
    this.form.fill(query);
    this.preview.tell(this.form.query());
    if ([...query.keys()].length) this.run(query, shown.get("show") ?? "table");
    else fill(this.results, this.examples);
  }

  submit() {
    const query = this.form.query();
    const show = urlParameters().get("show");
    if (show) query.set("show", show);
    // Asked again as it is, it is answered again.
    setParameters(query);
    this.read();
  }

  /** Change parameters of the address, and show what they ask for. */
  change(changes) {
    const shown = urlParameters();
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) shown.delete(name);
      else shown.set(name, value);
    }
    setParameters(shown);
    this.read();
  }

  async run(query, how) {
    const stop = make("button", { type: "button", onclick: () => this.stopped() }, "Stop");
    fill(this.results, make("div", { class: "row" }, loading("Searching …"), stop));
    try {
      const answer = await this.request.fetch("search", this.answer.request(query));
      if (answer) await this.answer.show(this.results, query, answer, how);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.results, notice("error", make("p", {}, error.message)));
    }
  }

  stopped() {
    this.request.abort();
    fill(
      this.results,
      notice("info", make("p", {}, "The search was stopped. Change it, or search again.")),
    );
  }
}

function withoutOwn(shown) {
  const query = new URLSearchParams(shown);
  for (const name of OWN) query.delete(name);
  return query;
}
