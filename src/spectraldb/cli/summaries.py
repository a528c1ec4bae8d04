"""Summaries that commands print at their end: of an ingest, an optimization, a fetch."""

from collections import Counter

from rich.filesize import decimal

from spectraldb.archive.fetch import FetchResult
from spectraldb.archive.plan import FetchPlan
from spectraldb.cli.console import err, out
from spectraldb.counted import counted
from spectraldb.ingest.outcome import Action, Summary
from spectraldb.maintenance.optimize import OptimizeResult

INTERRUPTED = "Interrupted. Run the same command again to continue."


def optimize_hint(files: int) -> str:
    """Return the hint that this number of pixel files has no segment."""
    unoptimized = counted(files, "pixel file")
    return f"{unoptimized} not optimized. Run `spectraldb optimize` for fast searches."


def print_ingest_summary(summary: Summary, unoptimized: int) -> None:
    """Print the number of files by outcome, and a hint if the lake needs to be optimized.

    Parameters
    ----------
    summary
        The outcomes of all files.
    unoptimized
        Number of pixel files without a segment; 0 prints no hint.
    """
    counts = ", ".join(
        f"{summary.count(action)} {action}" for action in Action if summary.count(action)
    )
    none = "No files ingested" if summary.stopped else "No files found"
    out.print(f"{counts or none}; {counted(summary.pixels, 'pixel')} written", highlight=False)
    if set(summary.layouts) - {"pipeline"}:
        named = ", ".join(f"{number:,} {name}" for name, number in sorted(summary.layouts.items()))
        out.print(f"Layouts: {named}", highlight=False)
    if err.is_terminal and summary.refused:
        out.print(
            f"{counted(len(summary.refused), 'file')} refused, for the reasons above.",
            highlight=False,
        )
    if summary.stopped:
        out.print(INTERRUPTED)
    if unoptimized:
        out.print(optimize_hint(unoptimized), highlight=False)


def print_optimize_summary(done: OptimizeResult, *, at_once: bool) -> None:
    """Print the results of an optimization; unless `at_once`, replaced files still exist."""
    parts = [
        f"{counted(done.merged_files, 'file')} merged" if done.merged_files else "",
        f"{counted(done.dropped_rows, 'row')} deleted" if done.dropped_rows else "",
        f"{counted(done.segments, 'segment')} written" if done.segments else "",
        f"{counted(done.sorted_copies, 'file')} sorted by wavelength" if done.sorted_copies else "",
        f"{decimal(done.freed_bytes)} freed" if done.freed_bytes else "",
    ]
    out.print(", ".join(filter(None, parts)) or "Nothing to optimize.", highlight=False)
    if done.merged_files and not at_once:
        out.print(
            "The merged files remain for an hour, for searches that are reading them. The next "
            "`optimize` deletes them.",
            soft_wrap=True,
        )
    if done.stopped:
        out.print(INTERRUPTED)


def print_plan(plan: FetchPlan) -> None:
    """Print the number of products to fetch by type, and those that are skipped."""
    types = Counter(product.product_type for product in plan.fetch)
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(types.items()))
    out.print(
        f"To fetch: {counted(len(plan.fetch), 'file')}, {decimal(plan.size)}"
        f"{f' ({counts})' if counts else ''}. Already in the lake: {len(plan.held):,}.",
        highlight=False,
    )
    unknown = sum(product.size is None for product in plan.fetch)
    if unknown:
        out.print(
            f"Unknown size: {counted(unknown, 'file')} that the archive does not list.",
            highlight=False,
        )
    if plan.exclusive:
        out.print(
            f"Not yet public: {counted(len(plan.exclusive), 'file')}. Set MAST_API_TOKEN to fetch "
            "those that your token allows.",
            highlight=False,
        )


def print_fetch_summary(result: FetchResult, unoptimized: int) -> None:
    """Print which files of a plan arrived and which failed; `unoptimized` as for an ingest."""
    if result.summary.outcomes:
        print_ingest_summary(result.summary, unoptimized)
    for old, new in result.renamed.items():
        out.print(f"renamed  {old} is now {new}", highlight=False, soft_wrap=True)
    if result.failed:
        out.print(
            f"{counted(len(result.failed), 'file')} failed. Run the same command to retry.",
            highlight=False,
        )
    if result.stopped:
        out.print(INTERRUPTED)
