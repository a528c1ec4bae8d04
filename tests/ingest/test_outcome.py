"""The summary of an ingest."""

from spectraldb.ingest.outcome import Action, Outcome, Summary


def test_counts_pixels_and_refused_files() -> None:
    summary = Summary(
        [
            Outcome("/data/a_x1d.fits", Action.INGESTED, "mast:a", pixels=5),
            Outcome("s3://bucket/b_x1d.fits", Action.INGESTED, "mast:b", pixels=7),
            Outcome("/data/c_x1d.fits", Action.REFUSED, reason="empty"),
        ]
    )
    counts = {action: summary.count(action) for action in Action if summary.count(action)}
    assert counts == {Action.INGESTED: 2, Action.REFUSED: 1}
    assert summary.pixels == 12
    assert [outcome.reason for outcome in summary.refused] == ["empty"]
    assert [outcome.name[0] for outcome in summary.outcomes] == ["a", "b", "c"]
    assert not summary.stopped


def test_values_of_actions() -> None:
    assert [str(action) for action in Action] == [
        "ingested",
        "unchanged",
        "replaced",
        "moved",
        "duplicate",
        "skipped",
        "refused",
    ]
