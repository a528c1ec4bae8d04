// The search view: the form, its query and the results.  The URL of the page has the parameters of
// the API, and `show`.

import { fetchSchema, LatestRequest, reportErrors } from "../api.js";
import { debounce, fill, make } from "../dom.js";
import { onNavigation, setParameters, urlParameters, withChanges } from "../navigation.js";
import { button, loading, notice, row } from "../widgets.js";
import { examples } from "./examples.js";
import { SearchForm } from "./form.js";
import { Preview } from "./preview.js";
import { without } from "./query.js";
import { SearchResults } from "./results.js";

/** Parameters of the page that the API does not have. */
const PAGE_PARAMETERS = ["show"];

const PREVIEW_MS = 300;

/** Show the view in an element. */
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
    this.results = new SearchResults(schema, (changes) => this.change(changes));
    this.form = new SearchForm(schema, holdings, {
      changed: debounce(() => this.preview.update(this.form.query()), PREVIEW_MS),
      submitted: () => this.submit(),
    });
    this.examples = examples(holdings);
    this.output = make("section", { class: "results", "aria-label": "Results" });
    fill(main, make("div", { class: "search" }, this.#formPanel(), this.output));
  }

  #formPanel() {
    return make(
      "section",
      { class: "panel", "aria-label": "Conditions" },
      make("h1", {}, "Search pixels"),
      this.form.element,
      this.preview.element,
    );
  }

  /** Show the search of the URL. */
  read() {
    const parameters = urlParameters();
    const query = without(parameters, PAGE_PARAMETERS);
    this.form.fill(query);
    this.preview.update(this.form.query());
    if (query.size) this.search(query, parameters.get("show") ?? "table");
    else fill(this.output, this.examples);
  }

  /** Run the search of the form, even if it has not changed. */
  submit() {
    setParameters(withChanges(this.form.query(), { show: urlParameters().get("show") }));
    this.read();
  }

  /** Change parameters of the URL, and show its search. */
  change(changes) {
    setParameters(withChanges(urlParameters(), changes));
    this.read();
  }

  async search(query, form) {
    const stop = button("Stop", () => this.stop());
    fill(this.output, row(loading("Searching…"), stop));
    const search = async () => {
      const response = await this.request.fetch("search", this.results.request(query));
      if (response) await this.results.show(this.output, query, response, form);
    };
    await reportErrors(search, (error) => fill(this.output, notice("error", error.message)));
  }

  stop() {
    this.request.abort();
    fill(this.output, notice("info", "The search was stopped. Edit it, or run it again."));
  }
}
