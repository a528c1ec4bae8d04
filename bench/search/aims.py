"""What the searches should reach in 100 million pixels."""

from dataclasses import dataclass

from bench.search.lake import LakeRun
from bench.search.question import Question

ENGINE, HTTP = "Spectral DB", "Spectral DB over HTTP"


@dataclass(frozen=True)
class Aim:
    """A time, or a factor to a rival."""

    letters: str
    """Letters of the searches."""
    milliseconds: float = 0.0
    rival: str = ""
    factor: float = 0.0
    contender: str = ENGINE

    def text(self, run: LakeRun, question: Question) -> str:
        """Return the aim for a search and what was measured; empty if a rival is missing."""
        ours = run.contender(self.contender)
        rival = run.contender(self.rival) if self.rival else None
        if ours is None or (self.rival and rival is None):
            return ""
        time = ours.times[question.title]
        if rival is None:
            where = " over HTTP" if self.contender == HTTP else ""
            return f"{question.letter}{where} in {self.milliseconds:g} ms ({time.short})"
        ratio = time.times_faster(rival.times[question.title])
        return f"{question.letter} {self.factor:g} times as fast as {self.rival} ({ratio:.1f})"


OF_SPECTRA = (
    Aim("ab", milliseconds=5),
    Aim("a", milliseconds=7, contender=HTTP),
    Aim("c", milliseconds=1.5),
    Aim("dek", rival="ClickHouse", factor=10),
    Aim("f", milliseconds=10),
    Aim("g", milliseconds=50),
    Aim("hj", rival="ClickHouse", factor=5),
)
OF_CUBES = tuple(aim for aim in OF_SPECTRA if not set(aim.letters) & set("abc"))


def aims_text(run: LakeRun) -> str:
    """Return all aims for a lake, each with what was measured."""
    aims = OF_CUBES if run.built.plan.kind == "s3d" else OF_SPECTRA
    texts = [
        aim.text(run, question)
        for aim in aims
        for question in run.found
        if question.letter in aim.letters
    ]
    return f"Aims for 100 million pixels (measured here): {'; '.join(filter(None, texts))}."
