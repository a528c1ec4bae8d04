"""What commands print at their end: the summaries of an ingest, an optimization, a fetch."""

from collections import Counter

from rich.filesize import decimal

from spectraldb.archive.fetch import FetchResult
from spectraldb.archive.plan import FetchPlan
from spectraldb.cli.console import err, out
from spectraldb.ingest.outcome import Action, Summary
from spectraldb.maintenance.optimize import OptimizeResult


def print_ingest_summary(summary: Summary, unoptimized: int) -> None:
    """Print how many files were ingested, refused, ...; and that the lake needs optimizing.

    Parameters
    ----------
    summary
        The outcomes of all files.
    unoptimized
        The number of pixel files that `optimize` would work on; 0 prints no hint.
    """
    counts = ", ".join(
        f"{summary.count(action)} {action}" for action in Action if summary.count(action)
    )
    none = "no file taken" if summary.stopped else "no file found"
    out.print(f"{counts or none}; {summary.pixels:,} pixels written", highlight=False)
    if err.is_terminal and summary.refused:
        out.print(f"refused: {len(summary.refused)}, for the reasons above", highlight=False)
    if summary.stopped:
        out.print("stopped: what was taken is kept; the same command goes on from there")
    if unoptimized:
        out.print(
            f"{unoptimized:,} files of pixels are not optimized: "
            "`spectraldb optimize` makes searches fast",
            highlight=False,
        )


def print_optimize_summary(done: OptimizeResult, *, at_once: bool) -> None:
    """Print what an optimization did; unless `at_once`, replaced files still exist."""
    parts = [
        f"{done.merged_files:,} files merged" if done.merged_files else "",
        f"{done.dropped_rows:,} rows dropped" if done.dropped_rows else "",
        f"{done.segments:,} segments written" if done.segments else "",
        f"{done.sorted_copies:,} files written by wavelength" if done.sorted_copies else "",
        f"{decimal(done.freed_bytes)} freed" if done.freed_bytes else "",
    ]
    out.print(", ".join(filter(None, parts)) or "nothing was to be done", highlight=False)
    if done.merged_files and not at_once:
        out.print(
            "the files that were merged are kept for an hour, for searches "
            "that read them; the next `optimize` deletes them",
            soft_wrap=True,
        )
    if done.stopped:
        out.print("stopped: what was done stays; the same command goes on from there")


def print_plan(plan: FetchPlan) -> None:
    """Print what is to be fetched, by type, and what is not."""
    types = Counter(product.product_type for product in plan.fetch)
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(types.items()))
    out.print(
        f"to fetch: {len(plan.fetch):,} files, {decimal(plan.size)}"
        f"{f' ({counts})' if counts else ''}; held already: {len(plan.held):,}",
        highlight=False,
    )
    unknown = sum(product.size is None for product in plan.fetch)
    if unknown:
        out.print(
            f"{unknown:,} of them are of unknown size: the archive does not list them",
            highlight=False,
        )
    if plan.exclusive:
        out.print(
            f"not public yet: {len(plan.exclusive):,}; set MAST_API_TOKEN to fetch what "
            "your token allows",
            highlight=False,
        )


def print_fetch_summary(result: FetchResult, unoptimized: int) -> None:
    """Print which files of a plan arrived and which failed; `unoptimized` as for an ingest."""
    if result.summary.outcomes:
        print_ingest_summary(result.summary, unoptimized)
    for old, new in result.renamed.items():
        out.print(f"renamed  {old} is {new} now", highlight=False, soft_wrap=True)
    if result.failed:
        out.print(
            f"failed: {len(result.failed):,}; the same command tries them again", highlight=False
        )
    if result.stopped:
        out.print("stopped: what has come is kept; the same command goes on from there")
