"""Use case: bring everything that one index holds into another: articles, tombstones, versions.

By version, as everything is applied, so what the other index has newer stays; and in passes, because the one that is
copied may be written to meanwhile. A copy that was broken off is finished by the next one: what is there is not copied.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.search.model import ApplyOutcome, HeldArticle
from shared.search.ports import ArticleInventory, ArticleWriter, Progress
from shared.search.versions import rank_of

_MOST_PASSES: Final = 5


@dataclass(slots=True)
class CopyReport:
    """What became of everything that the source holds.

    `refused` has the reason by article id, `differing` the ids of those compared whole that were not the same.
    `late` counts what the last pass still found to copy: then the source is being written to.
    """

    articles: int = 0
    tombstones: int = 0
    held_before: int = 0
    late: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return not self.refused and not self.differing


class CopyIndex:
    def __init__(self, *, source: ArticleInventory, target: ArticleInventory, writer: ArticleWriter) -> None:
        """`writer` writes to the index that `target` is the inventory of."""
        self._source = source
        self._target = target
        self._writer = writer

    def run(self, progress: Progress) -> CopyReport:
        """Raises IndexUnavailableError when either engine is gone: run it again."""
        # Makes the index when there is none.
        self._writer.make_searchable()
        report = CopyReport()
        sample = self._pass(report, progress, is_first=True)
        for _ in range(_MOST_PASSES - 1):
            if not report.late:
                break
            self._pass(report, progress, is_first=False)
        report.differing = self._differing(sample)
        return report

    def _pass(self, report: CopyReport, progress: Progress, *, is_first: bool) -> list[str]:
        """Copy what is lacking; returns an article of each page, to be compared whole."""
        report.late = done = 0
        total = self._source.count()
        sample: list[str] = []
        for page in self._source.pages():
            held = self._target.held([each.article_id for each in page])
            lacking = [
                each
                for each in page
                if each.article_id not in report.refused and _rank(held.get(each.article_id)) < _rank(each)
            ]
            self._copy(lacking, report)
            if is_first:
                report.held_before += len(page) - len(lacking)
            sample += [each.article_id for each in page[:1]]
            done += len(page)
            progress(done, max(total, done))
        return sample

    def _copy(self, lacking: Sequence[HeldArticle], report: CopyReport) -> None:
        if not lacking:
            return
        for result in self._writer.apply(self._source.changes([each.article_id for each in lacking])):
            if result.outcome is ApplyOutcome.REJECTED:
                report.refused[result.article_id] = result.reason or "no reason given"
        self._writer.make_searchable()
        copied = [each for each in lacking if each.article_id not in report.refused]
        report.late += len(copied)
        report.tombstones += sum(each.retracted for each in copied)
        report.articles += sum(not each.retracted for each in copied)

    def _differing(self, article_ids: Sequence[str]) -> list[str]:
        ours = {change.article_id: change for change in self._source.changes(article_ids)}
        theirs = {change.article_id: change for change in self._target.changes(article_ids)}
        return [
            article_id
            for article_id, change in ours.items()
            if article_id in theirs and theirs[article_id].version == change.version and theirs[article_id] != change
        ]


def _rank(held: HeldArticle | None) -> int:
    return -1 if held is None else rank_of(held.version, retracted=held.retracted)
