"""The facts of a paper that went out, with people's own words only where it printed them as they were written.

The office may have changed or taken out words by hand, such as a name. Whatever shows the same quarter after the paper
shows no words that the paper does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from csp_workflow.report.contributions import share_words
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.persons import list_passages
from csp_workflow.report.word.markup import split_paragraphs
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.returns import Submission

OTHERWISE = "[not shown here: the paper has this in other words]"


def keep_printed(facts: ReportFacts, files: Iterable[bytes]) -> ReportFacts:
    """The facts without words that stand neither in these Word files nor in the workbook beside the paper."""
    printed = " ".join(_collapse(text) for data in files for _, text in list_passages(data))
    beside = {
        part
        for respondent in (*facts.partnerships(), *facts.contributors())
        for piece in share_words(facts, respondent).beside
        for part in split_paragraphs(piece.text)
    }

    def shown(text: str, instead: str = OTHERWISE) -> str:
        parts = split_paragraphs(text)
        return text if all(part in beside or _collapse(part) in printed for part in parts) else instead

    def returned(submission: Submission) -> Submission:
        return replace(
            submission,
            disputes=tuple((area, ref, shown(text)) for area, ref, text in submission.disputes),
            narratives=tuple(
                replace(n, text=shown(n.text), promise=shown(n.promise, "")) for n in submission.narratives
            ),
        )

    def noted(figure: Figure) -> Figure:
        return replace(figure, note=shown(figure.note, "")) if figure.note else figure

    return replace(
        facts,
        submissions={key: returned(one) for key, one in facts.submissions.items()},
        known=facts.known.change(noted, list(facts.known.slots())),
    )


def _collapse(text: str) -> str:
    return " ".join(text.split())
