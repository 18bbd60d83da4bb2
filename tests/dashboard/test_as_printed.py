"""After the paper no words are shown that the paper does not print: the office may have taken a name out."""

from __future__ import annotations

from dataclasses import replace

from csp_workflow.report.contents import compile_contents
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.persons import OTHERWISE, keep_printed
from csp_workflow.report.word.document import build_document
from tests.report.paper_told import BASE, Q2, facts, figure, submission, told

AREA = facts().partnerships()[1].areas[0].code
KEY = facts().partnerships()[1].key


def written(theme: str, why: str, note: str, disputed: str = "") -> ReportFacts:
    known = [figure("M11", AREA, Q2.plus(-back), 100 if back > 3 else 300, note=note) for back in range(20)]
    words = (told("T1", theme, "More of it"), told(f"{AREA} M13a", why))
    disputes = ((AREA, "M12a", disputed),) if disputed else ()
    return facts(*known, submissions={KEY: submission(KEY, *words, disputes=disputes)})


def paper(of: ReportFacts) -> bytes:
    return build_document(compile_contents(of, draft=False), base=BASE)


def test_words_as_they_were_printed_stay() -> None:
    of = written("We met\ntwice.", "A new form", "Counted late", "Not ours")
    kept = keep_printed(of, [paper(of)])
    assert kept.submissions == of.submissions
    assert kept.known.latest("M11", AREA, Q2.key) == of.known.latest("M11", AREA, Q2.key)


def test_words_that_the_office_changed_or_took_out_are_not_shown_again() -> None:
    of = written("We met Jo Bloggs.", "Jo did it", "Jo counted", "Jo says so")
    printed = written("We met somebody.", "A person did it", "", "It is said so")
    kept = keep_printed(of, [paper(printed)])
    version = kept.submissions[KEY]
    assert [n.text for n in version.narratives] == [OTHERWISE, OTHERWISE]
    assert [n.promise for n in version.narratives] == ["More of it", ""]
    assert [reason for _, _, reason in version.disputes] == [OTHERWISE]
    figure_now = kept.known.latest("M11", AREA, Q2.key)
    assert figure_now is not None
    assert (figure_now.value, figure_now.note) == (300, "")


def test_words_for_which_the_paper_had_no_room_stand_in_its_workbook() -> None:
    long = "Something was done about it here. " * 200
    of = written(long, "", "")
    kept = keep_printed(of, [paper(replace(of, submissions={}))])
    assert kept.submissions[KEY].narratives[0].text == long
