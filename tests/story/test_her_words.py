"""The co-ordinator edits a draft in Word and replies with it: her words are kept, and she clears what she has seen."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.report.edits import keeping
from csp_workflow.report.edits.keeping import Placed
from csp_workflow.report.word.package import LARGEST, W, pack_parts, parse_part, unpack_parts
from csp_workflow.steps.commit import commit_current
from csp_workflow.terms.events import Decision, Event, Happened
from tests.report.edited_told import (
    added,
    edited,
    find_paragraph,
    make_paragraph,
    read_lines,
    removed,
    retyped,
    settle,
    write_over,
)
from tests.story.closed_told import LEIC, SECRETARIAT
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, filled, said

Drafted = tuple[Played, Post]


@pytest.fixture(scope="module")
def first_draft(closed: tuple[Played, dict[str, Post]], tmp_path_factory: pytest.TempPathFactory) -> Drafted:
    """The Board's first draft has come; not played on."""
    site = closed[0].copied_to(tmp_path_factory.mktemp("drafted") / "opcc")
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    site.new_letters()
    return site, draft


@pytest.fixture
def drafted(first_draft: Drafted, tmp_path: Path) -> Drafted:
    return first_draft[0].copied_to(tmp_path / "opcc"), first_draft[1]


def file_of(letter: Post) -> bytes:
    """The paper that a letter brings."""
    return next(data for name, data in letter.files if " draft " in name and "changes" not in name)


def unnumbered(data: bytes) -> list[str]:
    return [re.sub(r"^(Table|Figure) \d+", r"\1", line) for line in read_lines(data)]


def mark_of(letter: Post) -> str:
    return sha256(file_of(letter)).hexdigest()[:8]


def answered(site: Played, when: str) -> str:
    site.beat(when)
    letters = site.new_letters(CO_ORDINATOR)
    return " | ".join(said(one) for one in letters if "Draft" not in one.subject[:5])


def test_a_clearance_is_of_the_file_that_she_answers_and_names_it(drafted: Drafted) -> None:
    site, first = drafted
    assert f"whose mark is {mark_of(first)}" in said(first)
    site.write(CO_ORDINATOR, "Papers", "DRAFT speb")
    site.beat("20 Nov 09:30")
    second = site.the_letter(CO_ORDINATOR, "is attached (speb")
    site.reply(first, CO_ORDINATOR, "CLEAR WITHOUT WAITING")
    refused = answered(site, "20 Nov 09:40")
    assert f"Draft 2 of the paper for Strategic Partnership Executive Board (mark {mark_of(second)}) came at" in refused
    assert "after the letter you answer" in refused
    site.reply(second, CO_ORDINATOR, "CLEAR WITHOUT WAITING")
    assert f"Draft 2 of the paper for Strategic Partnership Executive Board (mark {mark_of(second)}) is cleared" in (
        answered(site, "20 Nov 09:50")
    )
    (event,) = [e for e in site.ask(lambda o: o.store.events(Q2)) if e.kind == "paper cleared"]  # type: ignore[attr-defined]
    assert event.facts == {"content": sha256(file_of(second)).hexdigest(), "number": 2, "unwaited": True}
    assert not site.new_letters(SECRETARIAT)


def hers_of(letter: Post, words: str, text: str) -> bytes:
    return retyped(file_of(letter), words, text)


def test_her_edited_file_is_the_next_draft_and_what_she_clears_is_what_circulates(drafted: Drafted) -> None:
    site, first = drafted
    line = next(one for one in read_lines(file_of(first)) if one.startswith("This report covers"))
    hers = hers_of(first, "This report covers", f"{line} Hers, all of it.")
    hers = added(hers, "Hers, all of it", "A paragraph of her own.")
    site.reply(first, CO_ORDINATOR, "", ("my version.docx", hers))
    site.beat("20 Nov 09:30")
    second = site.the_letter(CO_ORDINATOR, "is attached (speb")
    told = said(second)
    assert "Draft 2 of the paper" in second.subject
    assert (
        "It is made of your file my version.docx, which you made from draft 1. It is your file as you sent it" in told
    )
    assert "A paragraph of her own." in told
    lines = read_lines(file_of(second))
    assert f"{line} Hers, all of it." in lines
    assert "A paragraph of her own." in lines
    site.reply(second, CO_ORDINATOR, "CLEAR WITHOUT WAITING\nCIRCULATE")
    site.beat("20 Nov 09:40")
    site.beat("20 Nov 09:41")
    sent = site.the_letter(SECRETARIAT, "ready for the agenda")
    ((_, copy),) = [one for one in sent.files if one[0].endswith(".docx")]
    assert read_lines(copy) == lines
    assert b"Draft 2" not in b"".join(unpack_parts(copy).values())


def test_her_words_go_through_a_draft_that_is_made_by_itself_and_by_order(
    drafted: Drafted, closed: tuple[Played, dict[str, Post]]
) -> None:
    site, first = drafted
    hers = added(
        hers_of(first, "Reoffending. Work went on", "They went on with it."), "They went on with it", "And more."
    )
    site.reply(first, CO_ORDINATOR, "", ("x.docx", hers))
    site.beat("20 Nov 09:30")
    second = site.the_letter(CO_ORDINATOR, "Draft 2 of the paper")
    site.write(CO_ORDINATOR, "Look", "SHOW EDITS speb")
    site.beat("20 Nov 09:40")
    shown = said(site.the_letter(CO_ORDINATOR, "And more."))
    assert "Work went on" in shown
    assert "They went on with it." in shown
    site.reply(closed[1][LEIC], LEIC, "Late.", filled(closed[1][LEIC]))
    site.beat("20 Nov 10:00")
    site.beat("21 Nov 09:05")
    third = next(one for one in site.new_letters(CO_ORDINATOR) if "Draft 3" in one.subject)
    lines = read_lines(file_of(third))
    at = lines.index("They went on with it. (edited by the Office)")
    assert lines[at + 1] == "And more."
    comments = unpack_parts(file_of(third))["word/comments.xml"].decode()
    assert "in draft 2." in comments
    assert comments.count("w:author=") == comments.count('w:author="csp-workflow"')
    assert comments.count("w:date=") == comments.count('w:date="2014-11-21T09:05:00Z"')
    changes = next(data for name, data in third.files if "changes since draft 2" in name)
    assert read_lines(settle(changes, accept=True)) == lines
    assert unnumbered(settle(changes, accept=False)) == unnumbered(file_of(second)), "Word counts tables itself"
    site.reply(third, CO_ORDINATOR, "CLEAR WITHOUT WAITING\nCIRCULATE")
    site.beat("21 Nov 09:30")
    site.beat("21 Nov 09:31")
    (_, copy), _ = site.the_letter(SECRETARIAT, "ready for the agenda").files
    assert not [name for name in unpack_parts(copy) if "comments" in name], "our comments never go out"
    assert read_lines(copy) == lines


def test_a_draft_by_order_after_the_clearance_has_her_words(drafted: Drafted) -> None:
    site, first = drafted
    site.reply(
        first,
        CO_ORDINATOR,
        "CLEAR WITHOUT WAITING",
        ("x.docx", hers_of(first, "Reoffending. Work went on", "They went on with it.")),
    )
    site.beat("21 Nov 09:30")
    site.write(CO_ORDINATOR, "Papers", "DRAFT speb")
    site.beat("21 Nov 09:40")
    third = site.the_letter(CO_ORDINATOR, "Draft 3 of the paper")
    assert "They went on with it. (edited by the Office)" in read_lines(file_of(third))
    assert "They went on with it." in said(third)


def test_page_one_in_her_order_stays_so_and_her_words_are_hers_however_often_she_sends_them(drafted: Drafted) -> None:
    def put_first(body: Any) -> None:
        missing = find_paragraph(body, "made a return").getparent().getparent()
        find_paragraph(body, "The Board is asked to").getparent().getparent().addprevious(missing)

    site, first = drafted
    site.reply(first, CO_ORDINATOR, "", ("x.docx", edited(file_of(first), put_first)))
    site.beat("20 Nov 09:30")
    second = site.the_letter(CO_ORDINATOR, "Draft 2 of the paper")
    assert "Moved, to stand after" in said(second)
    hers = added(
        hers_of(second, "Work went on. (T1)", "They went on with it."), "They went on with it", "Twice.", "Twice."
    )
    site.reply(second, CO_ORDINATOR, "", ("x.docx", hers))
    site.beat("20 Nov 09:40")
    third = site.the_letter(CO_ORDINATOR, "Draft 3 of the paper")
    hers = retyped(removed(file_of(third), "Twice."), "They went on with it", "They went on, with care.")
    site.reply(third, CO_ORDINATOR, "DRAFT", ("x.docx", hers))
    site.beat("20 Nov 09:50")
    fifth = next(one for one in site.new_letters(CO_ORDINATOR) if "Draft 5" in one.subject)
    lines = read_lines(file_of(fifth))
    assert lines == [
        f"{line} (edited by the Office)" if line == "They went on, with care." else line for line in read_lines(hers)
    ]
    assert lines.index("The Board is asked to:") > next(n for n, x in enumerate(lines) if "made a return" in x)


def head_of(data: bytes) -> str:
    return " ".join(parse_part(unpack_parts(data)["word/header1.xml"]).itertext(f"{W}t"))


def test_what_she_writes_at_the_head_of_the_pages_alone_goes_through_every_draft_and_out(drafted: Drafted) -> None:
    def number(root: Any) -> None:
        root.insert(0, make_paragraph("Agenda item 7"))
        write_over(find_paragraph(root, "DRAFT"), "FINAL")

    site, first = drafted
    site.reply(first, CO_ORDINATOR, "DRAFT", ("x.docx", edited(file_of(first), number, "word/header1.xml")))
    site.beat("20 Nov 09:30")
    letters = site.new_letters(CO_ORDINATOR)
    third = next(one for one in letters if "Draft 3" in one.subject)
    assert 'Added at the head of the pages: "Agenda item 7"' in said(third)
    assert any("How its pages are marked" in said(one) for one in letters)
    assert head_of(file_of(third)).startswith("Agenda item 7 ")
    assert "DRAFT" in head_of(file_of(third))
    site.reply(third, CO_ORDINATOR, "CLEAR WITHOUT WAITING\nCIRCULATE")
    site.beat("20 Nov 09:40")
    site.beat("20 Nov 09:41")
    ((_, copy), *_) = site.the_letter(SECRETARIAT, "ready for the agenda").files
    assert head_of(copy).startswith("Agenda item 7")
    assert not re.search("DRAFT|FINAL", head_of(copy))


def test_an_edit_of_an_older_draft_is_put_into_what_stands_now(
    drafted: Drafted, closed: tuple[Played, dict[str, Post]]
) -> None:
    site, first = drafted
    site.reply(closed[1][LEIC], LEIC, "Late.", filled(closed[1][LEIC]))
    site.beat("20 Nov 09:30")
    count = next(one for one in read_lines(file_of(first)) if "made a return" in one)
    hers = hers_of(first, "made a return", "99 have made one.")
    site.write(CO_ORDINATOR, "FW: whatever", "CLEAR speb WITHOUT WAITING", ("renamed by me.docx", hers))
    site.beat("20 Nov 09:40")
    letters = {one.subject[:5]: one for one in site.new_letters(CO_ORDINATOR)}
    second = letters["Draft"]
    assert "Since that draft something came, so that this one was written anew with your words in it." in said(second)
    assert count not in read_lines(file_of(second))
    assert any("is another than the file you sent, with what came since in it" in said(one) for one in letters.values())
    assert not [e for e in site.ask(lambda o: o.store.events(Q2)) if e.kind == "paper cleared"]  # type: ignore[attr-defined]


def test_clear_beside_an_older_draft_as_it_was_clears_nothing(drafted: Drafted) -> None:
    site, first = drafted
    site.write(CO_ORDINATOR, "Papers", "DRAFT speb")
    site.beat("20 Nov 09:30")
    site.write(CO_ORDINATOR, "Papers", "CLEAR speb WITHOUT WAITING", ("x.docx", file_of(first)))
    told = answered(site, "20 Nov 09:40")
    assert "says what draft 1 of the paper for Strategic Partnership Executive Board says" in told
    assert "is another than the file you sent" in told
    assert not [e for e in site.ask(lambda o: o.store.events(Q2)) if e.kind == "paper cleared"]  # type: ignore[attr-defined]


def test_clear_beside_her_file_is_about_exactly_that_file(drafted: Drafted) -> None:
    site, first = drafted
    hers = hers_of(first, "Reoffending. Work went on", "They went on with it.")
    site.reply(first, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING", ("x.docx", hers))
    site.beat("20 Nov 09:30")
    letters = site.new_letters(CO_ORDINATOR)
    second = next(one for one in letters if "Draft 2" in one.subject)
    assert any(f"(mark {mark_of(second)}) is cleared" in said(one) for one in letters)
    assert any("x.docx was made from draft 1 of the paper" in said(one) for one in letters)


def test_her_file_is_cleared_and_circulated_by_the_mail_that_brings_it(drafted: Drafted) -> None:
    site, first = drafted
    hers = hers_of(first, "Work went on. (T1)", "They went on with it.")
    site.reply(first, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb", ("x.docx", hers))
    site.beat("20 Nov 09:30")
    site.beat("20 Nov 09:31")
    sent = site.the_letter(SECRETARIAT, "ready for the agenda")
    ((_, copy),) = [one for one in sent.files if one[0].endswith(".docx")]
    assert read_lines(copy) == [re.sub("^(They went on.*)$", r"\1 (edited by the Office)", x) for x in read_lines(hers)]


def test_a_new_draft_ordered_beside_her_file_has_her_words(drafted: Drafted) -> None:
    site, first = drafted
    site.reply(
        first,
        CO_ORDINATOR,
        "DRAFT speb",
        ("x.docx", hers_of(first, "Reoffending. Work went on", "They went on with it.")),
    )
    site.beat("20 Nov 09:30")
    third = next(one for one in site.new_letters(CO_ORDINATOR) if "Draft 3" in one.subject)
    assert "They went on with it. (edited by the Office)" in read_lines(file_of(third))


def spoiled(draft: bytes, what: str) -> bytes:
    if what == "tracked":
        return edited(draft, lambda body: find_paragraph(body, "Work went on. (T1)").append(etree.Element(f"{W}ins")))
    if what == "damaged":
        return draft[:4000]
    parts = unpack_parts(draft)
    if what == "large":
        return pack_parts({**parts, "word/media/image9.png": bytes(LARGEST)})
    if what == "without body":
        return pack_parts({**parts, "word/document.xml": f'<w:document xmlns:w="{W[1:-1]}"/>'.encode()})
    if what == "odd":
        return pack_parts({**parts, "docProps/core.xml": b"<cp:coreProperties/>"})
    if what == "macros":
        return pack_parts({**parts, "word/vbaProject.bin": b"x"})
    comments = f'<w:comments xmlns:w="{W[1:-1]}"><w:comment w:id="1" w:author="Somebody"/></w:comments>'
    return pack_parts({**parts, "word/comments.xml": comments.encode()})


def test_a_word_of_cover_and_other_files_beside_her_draft_are_answered_truly(drafted: Drafted) -> None:
    site, first = drafted
    hers = hers_of(first, "Work went on. (T1)", "They went on with it.")
    beside = (("minutes.docx", other_file()), ("x.docx", hers), ("x (1).docx", hers), ("map.pdf", b"%PDF-1.4\nx"))
    site.reply(first, CO_ORDINATOR, "My edits, as promised to the board.", *beside)
    site.beat("20 Nov 09:30")
    letters = {one.subject.partition("[")[0].strip(): one for one in site.new_letters(CO_ORDINATOR)}
    second = next(one for subject, one in letters.items() if subject.startswith("Draft 2"))
    assert "They went on with it. (edited by the Office)" in read_lines(file_of(second))
    told = said(letters["Not understood: what you wrote beside your file"])
    assert "docx was made from draft 1 of the paper" in told
    assert "Nothing else was changed." in told
    assert "map.pdf was not looked at" in told
    assert "minutes.docx was not looked at" in told
    assert "Nothing was changed" not in told


def test_two_drafts_with_other_words_in_each_are_asked_about_and_neither_is_taken(drafted: Drafted) -> None:
    site, first = drafted
    one, other = (hers_of(first, "Work went on. (T1)", words) for words in ("They went on.", "It all went on."))
    site.reply(first, CO_ORDINATOR, "CLEAR", ("one.docx", one), ("other.docx", other))
    told = answered(site, "20 Nov 09:30")
    assert "one.docx and other.docx are all drafts with words of yours in them. None of them was taken." in told
    assert not [e for e in site.ask(lambda o: o.store.events(Q2)) if e.kind == "paper cleared"]  # type: ignore[attr-defined]


def test_a_mail_too_large_to_be_read_is_said_to_be_so(drafted: Drafted) -> None:
    site, first = drafted
    site.reply(first, CO_ORDINATOR, "CLEAR", ("x.docx", bytes(16_000_000)))
    told = answered(site, "20 Nov 09:30")
    assert "Your mail has 22 MB, more than is taken in: neither its words nor its files were read." in told
    assert "Nothing was found in your reply" not in told


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("tracked", "It holds tracked changes."),
        ("comments", "It holds comments that are not ours."),
        ("macros", "It holds macros"),
        ("damaged", "It is damaged"),
        ("without body", "It is damaged"),
        ("odd", "It is damaged"),
        ("large", "It is far larger than a paper"),
        ("pdf", "It is no Word document."),
        ("other", "is no draft of a paper that we sent you"),
        ("same", "says what draft 1 of the paper"),
    ],
)
def test_what_cannot_be_taken_is_answered_and_clears_nothing(drafted: Drafted, what: str, why: str) -> None:
    site, first = drafted
    draft = file_of(first)
    data = {"pdf": b"%PDF-1.4\nx", "other": other_file(), "same": draft}.get(what) or spoiled(draft, what)
    site.reply(first, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING" if what != "same" else "STATUS", ("hers.docx", data))
    site.beat("20 Nov 09:30")
    letters = site.new_letters(CO_ORDINATOR)
    assert any(why in said(one) for one in letters), [said(one) for one in letters]
    assert not [e for e in site.ask(lambda o: o.store.events(Q2)) if e.kind == "paper cleared"]  # type: ignore[attr-defined]
    assert not [one for one in letters if "Draft 2" in one.subject]


def other_file() -> bytes:
    import io

    import docx

    document = docx.Document()
    document.add_paragraph("Minutes of another meeting.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_another_board_s_draft_is_answered_so(drafted: Drafted) -> None:
    site, first = drafted
    site.write(CO_ORDINATOR, "Papers", "DRAFT panel")
    site.beat("20 Nov 09:30")
    panel = site.the_letter(CO_ORDINATOR, "is attached (panel")
    site.reply(
        first, CO_ORDINATOR, "", ("x.docx", hers_of(panel, "Reoffending. Work went on", "They went on with it."))
    )
    assert "and you answered another board's draft" in answered(site, "20 Nov 09:40")


def test_an_older_quarter_s_paper_is_known_by_its_title_and_made_into_none_of_this_one_s(drafted: Drafted) -> None:
    site, first = drafted
    put_away = Event(kind=Happened.CYCLE_ARCHIVED, at=at("20 Nov 09:10"), by="test", quarter=Q2)
    site.ask(lambda outside: commit_current(outside, lambda: Decision(events=(put_away,)), put_away.at))
    site.write(CO_ORDINATOR, "Papers", "", ("x.docx", hers_of(first, "Work went on. (T1)", "They went on with it.")))
    assert "which is of 2014/15 Q2, which is archived: it changes no more" in answered(site, "20 Nov 09:30")


def test_a_paper_that_went_out_changes_no_more(drafted: Drafted) -> None:
    site, first = drafted
    site.reply(first, CO_ORDINATOR, "CLEAR WITHOUT WAITING\nCIRCULATE")
    site.beat("20 Nov 09:30")
    site.reply(
        first, CO_ORDINATOR, "", ("x.docx", hers_of(first, "Reoffending. Work went on", "They went on with it."))
    )
    assert "which is circulated: it changes no more" in answered(site, "20 Nov 09:40")


def test_words_whose_place_has_gone_are_told_until_she_dismisses_them(
    drafted: Drafted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The paper is laid out anew meanwhile, so that nothing of hers has a place."""
    site, first = drafted
    site.reply(
        first, CO_ORDINATOR, "", ("x.docx", hers_of(first, "Reoffending. Work went on", "They went on with it."))
    )
    site.write(CO_ORDINATOR, "Papers", "DISMISS speb WORDS")
    site.beat("20 Nov 09:30")
    assert "has its place" in answered(site, "20 Nov 09:31")
    monkeypatch.setattr(keeping, "put_edits", lambda ours, edits: Placed(file=ours, unplaced=tuple(edits)))
    for when in ("20 Nov 09:50", "20 Nov 10:00"):
        site.write(CO_ORDINATOR, "Papers", "DRAFT speb")
        site.beat(when)
        draft = next(one for one in site.new_letters(CO_ORDINATOR) if "is attached (speb" in said(one))
        assert "They went on with it." in said(draft).partition("have no place in this draft")[2], said(draft)[600:1500]
    site.write(CO_ORDINATOR, "Papers", "DISMISS speb WORDS")
    assert "is told no more" in answered(site, "20 Nov 10:10")
    site.write(CO_ORDINATOR, "Papers", "DRAFT speb")
    site.beat("20 Nov 10:20")
    assert "They went on" not in said(next(one for one in site.new_letters(CO_ORDINATOR) if "Draft 5" in one.subject))
