"""The scenes of what the co-ordinator does by reply beside the round: words to somebody, an approval, a way back.

And of the set-up: her workbook, and what came back with changes, with faults, and as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from csp_workflow.desk.commands import Command, OrderFacts, Verb
from csp_workflow.desk.looking import say_came, write_letter
from csp_workflow.desk.orders import carry_out
from csp_workflow.desk.reading import parse
from csp_workflow.desk.setup import LookedAt, send_workbook, tell_file
from csp_workflow.desk.setup_plan import PlannedChange, SetupPlan, mark_words, say_plan
from csp_workflow.forms.setup_book import SETUP_NAME
from csp_workflow.forms.setup_sheets import find_sheet
from csp_workflow.letters.answers import attach_original
from csp_workflow.letters.office import MOST_SAID, WaitingMessage, bring_form
from csp_workflow.rehearsal.specimens.stage import Filling, Stage, Story, form
from csp_workflow.request.proof import MailingEntry
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import NOTHING, Decision, Happened, Letter
from csp_workflow.terms.messages import Attachment, Verdict
from csp_workflow.terms.service_status import Brings, Offer
from csp_workflow.terms.setup import Setup, SetupChange, SetupPlace

_ASKED = "77b0c1d2e4b5a697"


def ways(stage: Stage) -> Iterator[Letter]:
    """Her answer to a lead, in a quarter and between two, and to the secretariat; orders about a return that came."""
    leads = [one.lead for one in stage.people[:1]]
    for person in (*leads, *stage.site.office.secretariat[:1]):
        for is_running in (True, False):
            yield from _answer(stage, person.address, is_running=is_running)
    yield from _returns(stage)
    yield from _ended(stage)


def _ended(stage: Stage) -> Iterator[Letter]:
    """No return is to come, as somebody said or as the office knows; and it is asked for again, in time and late."""
    for one in stage.people:
        for entry in one.entries:
            code, story = entry.respondent.code, Story(stage)
            for days, words in (
                (-2, f"NIL {code} BY Jane Smith BECAUSE they had nothing new"),
                (-2, f"REOPEN {code} BECAUSE they do report after all"),
                (-1, f"DECLINE {code} BECAUSE nobody is in post"),
                (1, f"REOPEN {code} BECAUSE somebody is in post now"),
            ):
                yield from story.order(words, stage.moment(one.first_due, days))


def _returns(stage: Stage) -> Iterator[Letter]:
    """What a chair said by telephone; and the return goes back, approved or not, with a form and without."""
    for one in stage.people:
        for entry in (e for e in one.entries if e.respondent.needs_approval):
            code, at = entry.respondent.code, stage.moment(one.first_due, -1)
            story = Story(stage)
            story.send_in(one.lead.address, at, [entry], Filling.WELL)
            yield from _send_back(story, entry, at)
            yield from story.order(f"APPROVED {code} BY the chair BECAUSE she told me by telephone", at)
            yield from _send_back(story, entry, at)
            yield from story.order(f"RETURN {code} BECAUSE a figure is last year's", at)
            days = stage.site.limits.query_reminder_days
            day = stage.day(one.first_due, days - 1)
            yield from (x for x in story.chase(day, day) if any(one.reminder and one.submission for one in x.about))


def _send_back(story: Story, entry: MailingEntry, at: datetime) -> Iterator[Letter]:
    words = f"RETURN {entry.respondent.code} BECAUSE a figure is last year's"
    for command in parse(words, today=london_day(at), site=story.stage.site).commands:
        wanted = carry_out(command, _facts(story, ()), at).order
        for letter in wanted.letters if wanted else ():
            yield letter
            yield bring_form(letter, form(entry, Filling.WELL)[0])


def _facts(story: Story, waiting: tuple[WaitingMessage, ...]) -> OrderFacts:
    site = story.stage.site
    return OrderFacts(
        site=site,
        service=story.service,
        sender=site.office.co_ordinator.address,
        message="order",
        status=story.status,
        dates=story.stage.dates,
        waiting=waiting,
    )


def _answer(stage: Stage, address: str, *, is_running: bool) -> Iterator[Letter]:
    at, story = stage.moment(stage.dates.due, -1), Story(stage)
    keys = tuple(entry.respondent.key for entry in stage.entries)
    for key in keys if is_running else ():
        story.happen(Happened.QUESTION_ASKED, key, at, _ASKED)
    asked = WaitingMessage(
        id=_ASKED,
        sender=address,
        subject="More time?",
        received=at,
        verdict=Verdict.QUESTION,
        reason="A question.",
        respondents=keys,
    )
    looked_up = carry_out(Command(verb=Verb.SHOW, words="", message=_ASKED), _facts(story, (asked,)), at).order
    if looked_up:
        original = attach_original(b"May we have until Friday?")
        yield from write_letter(
            _facts(story, (asked,)), "A message as it came", (say_came(asked),), looked_up, at, original
        ).letters
    words = f"ANSWER {_ASKED}\nYes, Friday is fine.\n\nKind regards"
    for command in parse(words, today=london_day(at), site=stage.site).commands:
        order = carry_out(command, _facts(story, (asked,)), at).order
        for letter in order.letters if order else ():
            yield replace(letter, answers="<specimen@example>", topic=asked.subject)


_FAULT = "Contacts E7: Email is \u2018lead\u2019, which is not an email address. Write it like lead@charnwood.example."


def setting_up(stage: Stage) -> Iterator[Letter]:
    """The workbook goes to her; it comes back changed, wrong, or as it was; then figures with a bad row."""
    at, to = stage.moment(stage.dates.due, -1), stage.site.office.co_ordinator
    yield from send_workbook(to, Attachment(name=SETUP_NAME, data=b""), "a" * 64, at, by="her").letters
    for looked in _list_looks(stage):
        offer = Offer(content="a" * 64, name=SETUP_NAME, brings=looked.brings, mark=mark_words(looked.changes))
        of = {"message": f"{looked.brings} {len(looked.changes)} {len(looked.faults)}", "thread": "<specimen@example>"}
        yield from tell_file(to, offer, looked, at, by="her", **of).letters


def _list_looks(stage: Stage) -> Iterator[LookedAt]:
    said = say_plan(SetupPlan(planned=tuple(_plan(stage))), {})
    takes = Decision(setups=(Setup(content="a" * 64, changes=()),))
    for changes, faults, decision in (
        (said, (), takes),
        (said * (MOST_SAID + 2), (), takes),
        ((), (_FAULT,), NOTHING),
        ((), (_FAULT,) * (MOST_SAID + 2), NOTHING),
        ((), (), NOTHING),
        (("M11: 3 new figures.",), ("row 7, value: there is no number.",), takes),
    ):
        brings = Brings.FIGURES if changes and faults else Brings.SETUP
        yield LookedAt(brings=brings, changes=changes, faults=faults, decision=decision)


def _plan(stage: Stage) -> Iterator[PlannedChange]:
    """A lead's phone number changes."""
    for one in stage.people[:1]:
        key = one.entries[0].respondent.key
        place = SetupPlace(file="partnerships.toml", lists=("partnerships", "contacts"), within=key)
        was = {"role": one.lead.role.value, "name": one.lead.name, "phone": one.lead.phone}
        now = {**was, "phone": stage.site.office.co_ordinator.phone}
        change = SetupChange(place=place, was=was, now=now)
        yield PlannedChange(change=change, sheet=find_sheet(place), row=None)
