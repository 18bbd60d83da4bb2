"""What every letter says, as its reader meets it: the subject on a telephone, the preview, the words, the promises."""

from __future__ import annotations

import re
from functools import cache

from csp_workflow import settings
from csp_workflow.letters.catalogue import WRITERS, Rendered, environment, render
from csp_workflow.rehearsal.specimens.checking import one_of_each
from csp_workflow.terms.events import Letter
from tests.promises import PROMISES, find_promises, list_promising

CONFIG = settings.find_defaults() / "config"
TEMPLATES = settings.read_templates(CONFIG)
_TO_OFFICE = {"digest", "question", "week-in-short", "as-asked"}
"""These quote what others wrote, and what may be ordered."""
_NOT_OURS = re.compile(
    r"\b(?:e-mails?|telephon\w*|mend(?:ed|ing)?|whilst|utilise\w*|prior to|in order to|via|kindly|please find (?!out)|"
    r"at your earliest|no chair whom)\b",
    re.IGNORECASE,
)
"""What GOV.UK writes otherwise (email, phone), and what no colleague would write."""
_FORTY = 40
_FILE = re.compile(r"-F\d(?:\.\d+)?-R\d+-|\b[0-9a-f]{16,}\b")


@cache
def read() -> tuple[tuple[Letter, Rendered], ...]:
    """One of each kind of letter for each sort of respondent, as written."""
    site, _ = settings.load(CONFIG, environment={})
    made = environment(TEMPLATES)
    return tuple((letter, render(letter, site.office, environment=made)) for letter in one_of_each(site))


def test_no_template_has_a_word_that_gov_uk_writes_otherwise() -> None:
    found = {
        name: words
        for name, text in TEMPLATES.items()
        if (words := _NOT_OURS.findall(re.sub(r"\{#.*?#\}|format-detection[^>]*>", "", text, flags=re.DOTALL)))
    }
    assert found == {}


def test_forty_characters_of_a_subject_tell_each_kind_from_every_other() -> None:
    kinds: dict[str, set[str]] = {}
    for letter, words in read():
        if letter.kind not in _TO_OFFICE:
            kinds.setdefault(words.subject[:_FORTY], set()).add(letter.kind)
    assert [pair for pair in kinds.items() if len(pair[1]) > 1] == []
    assert not [words.subject for letter, words in read() if words.subject.startswith("RE:") and not letter.topic]


def test_every_letter_has_a_line_for_the_preview_that_outlook_hides() -> None:
    for letter, words in read():
        found = re.search(r'<div class="preheader"[^>]*style="([^"]*)"[^>]*>(.*?)</div>', words.html, re.DOTALL)
        assert found, letter.kind
        assert len(found[2].strip()) > 10, letter.kind
        assert "mso-hide: all" in found[1]
        assert "font-size: 1px" not in found[1]


def test_no_letter_to_a_respondent_names_a_file_or_a_hash_in_its_words() -> None:
    contacts = [(x, words) for x, words in read() if x.respondents and WRITERS[x.kind].kind.audience.name != "OFFICE"]
    assert {x.kind for x, words in contacts if _FILE.search(words.text)} <= {"two-versions", "unreadable-file"}, (
        "theirs"
    )


def test_every_reader_outside_the_office_is_told_what_the_tag_is_for() -> None:
    automatic = [words for _, words in read() if "This letter was prepared automatically" in words.text]
    assert automatic
    assert all("square brackets" in words.text and "square brackets" in words.html for words in automatic)


def test_every_letter_that_reminds_of_a_form_or_asks_for_it_again_brings_it() -> None:
    asks = {
        *("reminder-before-due", "reminder-due-today", "reminder-overdue", "query-reminder"),
        *("no-workbook", "unreadable-file", "unchanged-form"),
    }
    assert {x.kind for x, _ in read() if x.attachments} >= asks
    assert {x.kind for x, _ in read() if x.kind in asks and not x.attachments} == set()


@cache
def promising() -> dict[str, str]:
    """Every sentence that promises an act, with a kind of letter that says it."""
    written = ((x.kind, words.text) for x, words in read() if x.kind not in _TO_OFFICE)
    return {sentence: kind for kind, text in written for sentence in list_promising(text)}


def test_every_promise_of_an_act_has_a_declared_ground() -> None:
    assert {s: kind for s, kind in promising().items() if not find_promises(s)} == {}


def test_every_ground_is_an_event_or_a_kind_of_letter_and_every_promise_has_one() -> None:
    assert {kind for one in PROMISES for kind in one.letters} <= WRITERS.keys()
    assert all(one.events or one.letters for one in PROMISES)


def test_a_promise_without_a_ground_would_be_found() -> None:
    for sentence in ("We will telephone your chair.", "We have told the Board.", "Your form is being mended."):
        assert list_promising(sentence) == [sentence]
        assert not find_promises(sentence)
