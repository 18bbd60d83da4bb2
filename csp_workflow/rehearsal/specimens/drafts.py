"""The scenes of a draft under way: somebody's own words in it, and those who must agree to it before it is cleared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.letters.before_clearance import ShownWords
from csp_workflow.rehearsal.specimens.stage import Stage, Story
from csp_workflow.report import circulate
from csp_workflow.report.edits.keeping import Edit, Placed
from csp_workflow.report.edits.telling import tell_words
from csp_workflow.report.facts import ReportFacts
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import PaperDates, london_day
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.report_form import PaperReader, ReaderRole
from csp_workflow.terms.site import Role, Site

_COPIES = circulate.Copies(
    draft=b"A specimen, edited.", draft_hash="edited", copy_hash="copy", statements="stated", pages=""
)
_EDITS = (
    Edit(place="words one", was="Burglary rose to 164.", text="Burglary rose to 146."),
    Edit(text="A sentence of her own.", after="paragraph one", beside="Burglary rose to 164."),
    Edit(place="words two", was="Nothing else is known."),
)


def drafts(stage: Stage) -> Iterator[Letter]:
    """A draft that the co-ordinator edited, as it came and put into a later one; then its readers, one of each role."""
    for paper in stage.dates.papers:
        story = Story(replace(stage, site=_with_readers(stage.site, paper.board)))
        yield from _edited(story, paper)
        yield from _agreed(story, paper)
        yield from _shown(story, paper)


def _gather(story: Story, paper: PaperDates) -> ReportFacts:
    stage = story.stage
    return ReportFacts(
        site=stage.site,
        quarter=stage.quarter,
        paper=paper,
        status=story.status,
        submissions={},
        known=KnownFigures(stage.figures, stage.dates.open),
        as_at=stage.moment(stage.dates.close, 3),
    )


def _shown(story: Story, paper: PaperDates) -> Iterator[Letter]:
    """What is printed about a partnership, as it wrote it, changed and taken out; then what it answers."""
    facts = _gather(story, paper)
    facts = replace(facts, site=_with_days(facts.site, paper.board))
    keys = [one.key for one in facts.partnerships() if one.people(Role.LEAD, london_day(facts.as_at))]
    held = "Two patrols were held."
    theirs = (
        ShownWords(heading="", text=held),
        ShownWords(heading="Its own measures", text="Measure: Patrols; Year: 8"),
    )
    ours = (ShownWords(heading="", text="Patrols were held.", was=held), ShownWords(heading="", text="", was=held))
    for words in (theirs, ours):
        pages = dict.fromkeys(keys, words)
        letters = circulate.decide_showing(facts, pages, facts.as_at, by="her").letters if keys else ()
        yield from letters
        for letter in letters[:1]:
            sent = story.send(letter, facts.as_at)
            yield from story.receive(letter.recipient, facts.as_at, "That is not what we wrote.", answered=sent).letters


def _edited(story: Story, paper: PaperDates) -> Iterator[Letter]:
    facts = _gather(story, paper)
    now = facts.as_at
    taken = ((_EDITS[0], "Burglary rose to 170."), *((edit, edit.was) for edit in _EDITS[1:]))
    placed = Placed(file=b"", taken=taken, unplaced=(Edit(text="What has no place any more."),))
    for whole in (True, False):
        words = replace(tell_words(placed, whole=whole), file="My version.docx", made_from=1)
        drafted = circulate.decide_draft(replace(facts, status=story.status), _COPIES, now, by="her", words=words)
        yield from story.keep(drafted).letters


def _agreed(story: Story, paper: PaperDates) -> Iterator[Letter]:
    stage = story.stage
    site, now = stage.site, stage.moment(stage.dates.close, 3)
    for days in (3, 20):
        at = stage.moment(stage.dates.close, days)
        asked = circulate.decide_asking(site, story.status, paper, _COPIES.draft, at)
        yield from story.keep(asked).letters
    letters = [story.send(letter, now) for letter in asked.letters]
    at = stage.moment(stage.dates.close, 21)
    story.keep(circulate.decide_clearing(site, story.status, paper.board, at, by="her", unwaited=True))
    for letter in letters:
        yield from story.receive(letter.recipient, at, "Why is it so high?", answered=letter).letters
        yield from story.receive(letter.recipient, at, site.approval_phrases[0], answered=letter).letters
    older = replace(letters[0], about=(replace(letters[0].about[0], draft=1),))
    yield from story.receive(older.recipient, at, site.approval_phrases[0], answered=older).letters
    alone = replace(story.status.papers[paper.board], agreements=(), wanted=False)
    story.papers[paper.board] = replace(alone, state=alone.state.DRAFT)
    for letter in letters:
        yield from story.receive(letter.recipient, at, site.approval_phrases[0], answered=letter).letters


def _with_days(site: Site, board: str) -> Site:
    """The site with days to object, also where it gives none."""
    forms = (replace(f, objection_days=f.objection_days or 3) if f.board == board else f for f in site.report_forms)
    return replace(site, report_forms=tuple(forms))


def _with_readers(site: Site, board: str) -> Site:
    """The site with its own readers of a board's paper; one that asks nobody is shown as if it asked two."""
    person = site.office.co_ordinator
    shown = tuple(
        PaperReader(name=f"The {role}", address=f"{role.name.lower()}@{person.address.partition('@')[2]}", role=role)
        for role in ReaderRole
    )
    forms = (replace(f, readers=f.readers or shown) if f.board == board else f for f in site.report_forms)
    return replace(site, report_forms=tuple(forms))
