"""What in a finished paper may name a person, and people's own words only where it printed them as they were written.

Where it stands and who wrote it is told, so that somebody may settle it. The file itself is read, part by part:
whichever way words came into it, they are found, and nothing is quoted. The office may have changed or taken out words
by hand, such as a name: whatever shows the same quarter after the paper shows no words that the paper does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from csp_workflow.report.companion import read_companion
from csp_workflow.report.contributions import share_words
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.statements import WORDS, Statements
from csp_workflow.report.word.markup import split_paragraphs
from csp_workflow.report.word.package import W, parse_part, unpack_parts
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.personal import KEPT_BACK, find_personal_details
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Site

_ELSEWHERE = re.compile(r"word/(?:(?:header|footer|footnotes|endnotes|comments)\d*|charts/\w+)\.xml|docProps/\w+\.xml")
_TOP = "the first lines"


def find_named(data: bytes, statements: Statements, site: Site, companion: bytes = b"") -> tuple[str, ...]:
    """A sentence for each place in a Word file, and in the workbook that accompanies it (b"": none does), that may name
    a person; `statements` say whose words are whose."""
    lines = " ".join(line for form in site.report_forms for officer in form.officers for line in officer)
    ours = f"{site.office.particulars} {lines}"
    wrote = dict(_list_written(statements))
    names = [respondent.name for respondent in site.respondents]
    found: dict[tuple[str, str], dict[str, None]] = {}
    for where, text, of in _list_all(data, companion):
        marks = ("words that were kept back",) if KEPT_BACK in text else find_personal_details(text, ours=ours)
        if marks:
            line = " ".join(text.split())  # words stand behind what they are about, or in quotation marks
            key = next((key for part, key in wrote.items() if " ".join(part.split()) in line), "")
            whose = next((r.name for r in site.respondents if r.key == key), of if of in names else "")
            whose = whose or next((name for name in names if name == where or name in text), "")
            found.setdefault((where, whose), {}).update(dict.fromkeys(marks))
    return tuple(
        f"Under \u201c{where}\u201d stands {joined(marks)}, in {f'what {whose} wrote' if whose else _OURS}."
        for (where, whose), marks in found.items()
    )


def _list_all(data: bytes, companion: bytes) -> Iterator[tuple[str, str, str]]:
    """Each text of a paper with where it stands, then those of its workbook alone, with what their row begins with."""
    passages = tuple(list_passages(data))
    yield from ((where, text, "") for where, text in passages)
    printed = " ".join(" ".join(text.split()) for _, text in passages)
    beside = {text: first for first, text in read_companion(companion)} if companion else {}
    yield from (
        ("the accompanying workbook", text, first)
        for text, first in beside.items()
        if " ".join(text.split()) not in printed
    )


_OURS = "the office's own words"


def _list_written(statements: Statements) -> Iterator[tuple[str, str]]:
    """Each paragraph of somebody's own words, with the key of whose they are."""
    for key, statement in statements.items():
        what, *about = key.split(" ")
        if what == WORDS:
            yield from ((part, about[1]) for part in split_paragraphs(statement.said))


def list_passages(data: bytes) -> Iterator[tuple[str, str]]:
    """Every paragraph of a file with the heading above it, then what stands in its other parts."""
    parts, where = unpack_parts(data), _TOP
    document = parse_part(parts["word/document.xml"])
    others = [parse_part(part) for name, part in parts.items() if _ELSEWHERE.match(name)]
    for paragraph in document.iter(f"{W}p"):
        pieces = paragraph.iter(f"{W}t", f"{W}br")
        text = "".join((piece.text or "") if piece.tag == f"{W}t" else "\n" for piece in pieces)
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        is_heading = style is not None and str(style.get(f"{W}val")).startswith("Heading")
        yield "the headings" if is_heading else where, text
        where = text if is_heading else where
    for part in (document, *others):
        for element in part.iter():
            yield from (
                ("the descriptions", str(v)) for k, v in element.attrib.items() if _is_described(element.tag, k)
            )
    for part in others:
        yield "the head, the foot or the properties", "\n".join(map(str, part.itertext()))


def _is_described(tag: object, key: object) -> bool:
    """Whether an attribute is read out to people."""
    is_table = str(tag).endswith(("}tblCaption", "}tblDescription"))
    return str(key) in {"descr", "title"} or (is_table and str(key).endswith("}val"))


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
