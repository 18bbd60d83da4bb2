"""The letters that open a cycle: to leads, chairs, contributors and the force's analyst; and what changes on them."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Matter, Writer, writes
from csp_workflow.terms.dates import CycleDates, Quarter, london_day
from csp_workflow.terms.events import About, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import day, joined, moment, number, plural, say_figure
from csp_workflow.terms.returns import Entry, FormDefinition, RowChange, join_references
from csp_workflow.terms.site import Assent, Contact, Respondent, RespondentKind


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """A form and its workbook, ready to be attached. `why` says why it goes to somebody else than its lead ("")."""

    form: FormDefinition
    workbook: Attachment
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ReplyWords:
    """What a respondent writes alone in a reply: the first of the config's nil, decline and approval phrases."""

    nil: str
    decline: str
    approve: str = ""


@dataclass(frozen=True, kw_only=True)
class MovedDate:
    """A date that somebody was told and the one that stands now (None: no such day is known).

    `what` is "extract-due", "due", "close" or "clearance".
    """

    what: str
    was: date
    now: date | None


def _request_kind(name: str, audience: Audience, *, begins: Conversation | None = Conversation.RETURN) -> Kind:
    return Kind(
        name=name, manner=Manner.TIMED, audience=audience, about=("respondent",), ground=Ground.REQUEST, begins=begins
    )


def _ask(
    to: Contact,
    enclosures: Sequence[Enclosure],
    dates: CycleDates,
    *,
    words: ReplyWords,
    chaired: Sequence[str] = (),
    chaired_as: str = "chair",
    asked: str = "chair",
) -> Matter:
    """Ask for one or several returns, a form for each.

    `chaired` names those whose chair (`chaired_as`: deputy chair) the recipient is as well; `asked` says who approves
    the others.
    """
    forms = [enclosure.form for enclosure in enclosures]
    facts = {
        **_common(forms, dates),
        "forms": tuple(_form_line(enclosure) for enclosure in enclosures),
        "reasons": _different(enclosure.why for enclosure in enclosures if enclosure.why),
        "replaces": any(form.reference.revision > 1 for form in forms),
        "confirms": any(map(_count_given, forms)),
        "awaited": sum(map(_count_awaited, forms)),
        "nil_word": words.nil,
        "decline_word": words.decline,
        "approve_word": words.approve,
        "chaired": tuple(chaired),
        "chaired_as": chaired_as,
        "asked": asked,
    }
    return _matter(to, forms, dates, facts, tuple(enclosure.workbook for enclosure in enclosures))


request = writes(_request_kind("request", Audience.CONTACT))(_ask)
"""Ask a lead for partnerships' returns."""

request_contributor = writes(_request_kind("request-contributor", Audience.CONTACT))(_ask)
"""Ask a contributor for the figures it owns."""

request_analyst = writes(_request_kind("request-analyst", Audience.ANALYST))(_ask)
"""Ask the force's analyst for the extract, before the cycle opens."""

REQUEST_OF: Mapping[RespondentKind, Writer[Any]] = {
    RespondentKind.PARTNERSHIP: request,
    RespondentKind.CONTRIBUTOR: request_contributor,
    RespondentKind.ANALYST: request_analyst,
}
"""The function that asks each kind of respondent; who answers for several kinds gets the letter that stands first."""


@writes(_request_kind("request-chair", Audience.CHAIR, begins=None))
def request_chair(
    to: Contact,
    forms: Sequence[FormDefinition],
    dates: CycleDates,
    copies: tuple[Attachment, ...] = (),
    *,
    leads: Mapping[str, str],
) -> Matter:
    """Tell a chair what was asked, and of whom (`leads`: respondent key to the lead's name), and what comes next.

    `copies` are the leads' workbooks.
    """
    facts = {
        **_common(forms, dates),
        "lines": tuple((form.respondent_name, leads.get(form.respondent, "")) for form in forms),
        "papers": tuple(dates.papers),
        "copies": len(copies),
    }
    return _matter(to, forms, dates, facts, copies)


@writes(
    Kind(
        name="dates-moved",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=("respondent",),
        ground=Ground.DATES,
    )
)
def dates_moved(
    to: Contact, quarter: Quarter, returns: Sequence[tuple[Respondent, Sequence[MovedDate]]], *, at: datetime
) -> Matter:
    """Tell somebody which of the dates that they were told have moved, for each return that they have to do with.

    `at` is when they moved: a date that moves there and back is told each time.
    """
    rows = {one.what: one for _, moved in returns for one in moved}
    names = tuple(dict.fromkeys(respondent.name for respondent, _ in returns))
    whose = {what: [r.name for r, moved in returns if what in {one.what for one in moved}] for what in rows}
    is_chair = to.role.assent is not None and not {"due", "extract-due"} & set(rows)
    facts = {
        "codes": tuple(dict.fromkeys(respondent.code for respondent, _ in returns)),
        "names": names,
        "rows": tuple(rows.values()),
        "pairs": tuple(
            _show_moved(one, set(names) - set(whose[what]) and whose[what], to) for what, one in rows.items()
        ),
        "for_lead": not is_chair,
        "is_earlier": any(one.now and one.now < one.was for one in rows.values()),
    }
    about = tuple(
        About(respondent=respondent.key, due=_day_of(one.now)) for respondent, moved in returns for one in moved
    )
    return Matter(to=to, cause=f"{quarter.key} {at.isoformat()}", about=about, quarter=quarter, facts=facts)


_DATES = {
    "extract-due": "Extract now due",
    "due": "Return now due",
    "close": "Returns now close",
    "clearance": "Approval now wanted by",
    "certificate": "Certificate now wanted by",
}


def _show_moved(one: MovedDate, names: Collection[str], to: Contact) -> tuple[str, str]:
    """A date that moved, and for whom where not for all that the letter names."""
    is_money = to.role.assent is Assent.CERTIFICATE and one.what == "clearance"
    return (
        f"{_DATES['certificate' if is_money else one.what]}{f' ({joined(names)})' if names else ''}",
        f"{_say_when(one.now)} (before: {_say_when(one.was)})",
    )


def _say_when(when: date | None) -> str:
    if when is None:
        return "not known yet"
    return moment(when) if isinstance(when, datetime) else day(when)


def _day_of(when: date | None) -> date | None:
    return london_day(when) if isinstance(when, datetime) else when


# What changed on a form after it went: told to the co-ordinator, and to whoever has the form with a new one ---------


@dataclass(frozen=True, kw_only=True)
class Reissued:
    """A form that goes anew: what changed in it; whether a return of it is in, and whether it holds what they typed."""

    form: FormDefinition
    workbook: Attachment
    changes: tuple[RowChange, ...]
    is_in: bool
    is_filled: bool


@writes(
    Kind(
        name="form-reissued",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=("respondent",),
        ground=Ground.FORM,
        continues=Conversation.RETURN,
    )
)
def form_reissued(to: Contact, quarter: Quarter, forms: Sequence[Reissued], *, today: date) -> Matter:
    """Send somebody their forms anew, and say what changed; who returned already need not answer."""
    changes = [change for one in forms for change in one.changes]
    facts = {
        "codes": tuple(one.form.reference.code for one in forms),
        "forms": tuple(
            {
                "name": one.form.respondent_name,
                "due": one.form.due,
                "is_in": one.is_in,
                "is_filled": one.is_filled,
                "figures": tuple(map(say_figure_change, (c for c in one.changes if c.is_figure))),
                "wordings": tuple(map(_say_wording_change, (c for c in one.changes if not c.is_figure))),
            }
            for one in forms
        ),
        "revised": max((c.now.as_at if c.now else today for c in changes if c.is_figure), default=None),
    }
    return Matter(
        to=to,
        cause=join_references(one.form for one in forms),
        about=tuple(About(respondent=one.form.respondent) for one in forms),
        quarter=quarter,
        facts=facts,
        attachments=tuple(one.workbook for one in forms),
    )


_TOP = 10
"""So many changed figures stand in the letter; all of them in the attached list."""


@writes(Kind(name="forms-overtaken", manner=Manner.OFFICE, audience=Audience.OFFICE, ground=Ground.STATE_OF_THINGS))
def forms_overtaken(
    to: Contact,
    quarter: Quarter,
    changes: Sequence[tuple[Respondent, RowChange]],
    *,
    cause: str,
    returned: int,
    waiting: int,
    gone: Sequence[str] = (),
) -> Matter:
    """Tell whoever is in charge what stands otherwise than on the forms that are out: the largest changes first.

    `returned` counts those whose return is in, `waiting` those who still fill in the form; `gone` names the boards
    whose paper is settled.
    """
    figures = [(of, change) for of, change in changes if change.is_figure]
    figures.sort(key=lambda pair: (_is_gone(pair[1]), abs(_difference(pair[1]) or Decimal(0))), reverse=True)
    wordings = dict.fromkeys(_say_wording_change(change) for _, change in changes if not change.is_figure)
    came = sum(change.was is None for _, change in figures)
    withdrawn = sum(_is_gone(change) for _, change in figures)
    listed = _list_file(quarter, changes)
    facts = {
        "codes": (),
        "came": came,
        "withdrawn": withdrawn,
        "revised": len(figures) - came - withdrawn,
        "names": tuple(dict.fromkeys(of.name for of, _ in changes)),
        "returned": returned,
        "waiting": waiting,
        "gone": tuple(gone),
        "top": tuple(map(say_figure_change, (change for _, change in figures[:_TOP]))),
        "more": max(len(figures) - _TOP, 0),
        "wordings": tuple(wordings),
        "file": listed.name,
        "orders": ("REISSUE", "REISSUE NOBODY"),
    }
    return Matter(to=to, cause=cause, about=(), quarter=quarter, facts=facts, attachments=(listed,))


def _difference(change: RowChange) -> Decimal | None:
    was, now = (figure.value if figure else None for figure in (change.was, change.now))
    return now - was if was is not None and now is not None else None


def _is_gone(change: RowChange) -> bool:
    """Whether the force took a figure back and gave none in its place."""
    return change.is_figure and change.was is not None and change.now is None


def say_figure_change(change: RowChange) -> str:
    """Such as "Burglary in a dwelling (M12a), Melton: 431 (was 412, +19)"."""
    by = _difference(change)
    more = f", {'+' if by > 0 else ''}{number(by)}" if by else ""
    was, now = _say_both(change)
    return f"{change.title} ({change.ref}), {change.place}: {now} (was {was}{more})"


def _say_both(change: RowChange) -> tuple[str, str]:
    gone = "not supplied any more" if _is_gone(change) else "not yet supplied"
    return say_figure(change.was, missing="not yet supplied"), say_figure(change.now, missing=gone)


def _say_wording_change(change: RowChange) -> str:
    was, now = change.wording
    if not was or not now:
        return f"{change.ref}: {'newly asked' if now else 'not asked any more'}: {now or was}"
    return f"{change.ref}: \u201c{now}\u201d (was \u201c{was}\u201d)"


def _list_file(quarter: Quarter, changes: Sequence[tuple[Respondent, RowChange]]) -> Attachment:
    """Every change, a line each, as a file that Excel opens."""
    made = StringIO()
    rows = csv.writer(made, lineterminator="\r\n")
    rows.writerow(("Respondent", "Area", "Ref", "Measure", "On the form", "Now", "Difference"))
    for of, change in changes:
        was, now = change.wording
        if change.is_figure:
            was, now = _say_both(change)
        by = _difference(change)
        rows.writerow((of.name, change.place, change.ref, change.title, was, now, "" if by is None else by))
    data = made.getvalue().encode("utf-8-sig", errors="replace")
    return Attachment(name=f"Changed since the forms went {quarter.code}.csv", data=data, content_type="text/csv")


def _common(forms: Sequence[FormDefinition], dates: CycleDates) -> dict[str, Any]:
    if not forms:
        raise ValueError("A request asks for at least one form.")
    return {
        "codes": tuple(form.reference.code for form in forms),
        "names": tuple(form.respondent_name for form in forms),
        "due": min(form.due for form in forms),
        "several_dues": len({form.due for form in forms}) > 1,
        "close": dates.close,
        "opens": dates.open,
        "pre_election": dates.pre_election,
    }


def _matter(
    to: Contact,
    forms: Sequence[FormDefinition],
    dates: CycleDates,
    facts: Mapping[str, Any],
    attachments: tuple[Attachment, ...] = (),
) -> Matter:
    """The cause names the forms, so that the same forms are asked for once and a new revision anew."""
    return Matter(
        to=to,
        cause=join_references(forms),
        about=tuple(About(respondent=form.respondent) for form in forms),
        quarter=dates.quarter,
        facts=facts,
        attachments=attachments,
    )


def _count_given(form: FormDefinition) -> int:
    """How many police figures are there to be checked."""
    return sum(row.entry is Entry.CONFIRM and row.given is not None for row in form.figures)


def _count_awaited(form: FormDefinition) -> int:
    """How many police figures are still to come."""
    return sum(row.entry is Entry.CONFIRM and row.given is None for row in form.figures)


def _form_line(enclosure: Enclosure) -> dict[str, Any]:
    """What a letter says of one form; `asks` such as "4 figures to fill in and 5 quick answers or short texts"."""
    form = enclosure.form
    confirms, awaited = _count_given(form), _count_awaited(form)
    quarter = [box for box in form.summary if not box.is_of_year]
    asks = (
        (len(form.figures) - confirms - awaited, "figure to fill in", "figures to fill in"),
        (confirms, "police figure to check", "police figures to check"),
        (sum(bool(box.quick) for box in quarter), "quick answer or short text", "quick answers or short texts"),
        (sum(not box.quick for box in quarter), "short text", "short texts"),
        (len(form.summary) - len(quarter), "entry about the year", "entries about the year"),
        (len(form.actions), "question from the boards", "questions from the boards"),
    )
    said = joined(plural(count, one, many) for count, one, many in asks if count) or "nothing but a signature"
    return {"name": form.respondent_name, "due": form.due, "asks": said}


def _different(things: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(things))
