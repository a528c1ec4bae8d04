// The order of the results, which the headings of the table show and change.

export class Sorting {
  /** `isSortable` returns whether results can be sorted by a column; `change` sets `sort_by`. */
  constructor(query, isSortable, change) {
    [this.key] = (query.get("sort_by") ?? "").split(",");
    this.isSortable = isSortable;
    this.change = change;
  }

  /** Return the order of a column: "ascending", "descending" or "none". */
  order(name) {
    if (this.key === name) return "ascending";
    return this.key === `-${name}` ? "descending" : "none";
  }

  /** Sort by a column: descending first, then ascending, then in the default order. */
  sortBy(name) {
    const next = { none: `-${name}`, descending: name, ascending: null };
    this.change(next[this.order(name)]);
  }
}
