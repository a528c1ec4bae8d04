// The search view: the form, what it asks, and the answer.  The address of the page has the
// parameters of the API, and `show` besides.

import { ApiError, Asker, columns } from "../api.js";
import { onAddress, parameters, setParameters } from "../address.js";
import { debounced, fill, loading, make, notice } from "../dom.js";
import { Answer } from "./answer.js";
import { examples } from "./examples.js";
import { SearchForm } from "./form.js";
import { Preview } from "./preview.js";

/** What the page itself puts into the address, and the API does not know. */
const OWN = ["show"];

export async function show(main, held) {
  document.title = "Search – Spectral DB";
  const view = new SearchView(main, held, await columns());
  onAddress(() => view.read());
  view.read();
}

class SearchView {
  constructor(main, held, vocabulary) {
    this.asker = new Asker();
    this.preview = new Preview();
    this.answer = new Answer({ vocabulary, change: (changes) => this.change(changes) });
    this.form = new SearchForm(vocabulary, held, {
      changed: debounced(() => this.preview.tell(this.form.asked()), 300),
      submitted: () => this.submit(),
    });
    this.examples = examples(held);
    this.results = make("section", { class: "results", "aria-label": "Results" });
    fill(
      main,
      make(
        "div",
        { class: "search" },
        make(
          "section",
          { class: "panel asking", "aria-label": "Conditions" },
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
    const shown = parameters();
    const asked = withoutOwn(shown);
    this.form.fill(asked);
    this.preview.tell(this.form.asked());
    if ([...asked.keys()].length) this.run(asked, shown.get("show") ?? "table");
    else fill(this.results, this.examples);
  }

  submit() {
    const asked = this.form.asked();
    const show = parameters().get("show");
    if (show) asked.set("show", show);
    // Asked again as it is, it is answered again.
    setParameters(asked);
    this.read();
  }

  /** Change parameters of the address, and show what they ask for. */
  change(changes) {
    const shown = parameters();
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) shown.delete(name);
      else shown.set(name, value);
    }
    setParameters(shown);
    this.read();
  }

  async run(asked, how) {
    const stop = make("button", { type: "button", onclick: () => this.stopped() }, "Stop");
    fill(this.results, make("div", { class: "row" }, loading("Searching …"), stop));
    try {
      const answer = await this.asker.ask("search", this.answer.request(asked));
      if (answer) await this.answer.show(this.results, asked, answer, how);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(this.results, notice("error", make("p", {}, error.message)));
    }
  }

  stopped() {
    this.asker.stop();
    fill(
      this.results,
      notice("info", make("p", {}, "The search was stopped. Change it, or search again.")),
    );
  }
}

function withoutOwn(shown) {
  const asked = new URLSearchParams(shown);
  for (const name of OWN) asked.delete(name);
  return asked;
}
