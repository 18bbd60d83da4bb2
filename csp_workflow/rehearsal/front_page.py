"""The front page of a rehearsal, and each letter as its reader sees it: a quarter that a visitor clicks through.

Each partnership's quarter is a strip: on which days it was asked, reminded, returned and approved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from html import escape
from itertools import groupby, takewhile
from typing import Any
from urllib.parse import quote

from csp_workflow.dashboard.parts import Card, Cards, Days, Entry, Finder, Page, Section, Term, Terms, View
from csp_workflow.dashboard.writing import write_view
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.story import REMINDERS, SENT_BACK, STEPS, WRONG_FILES
from csp_workflow.rehearsal.exhibits import Exhibit, Outcome
from csp_workflow.report.blocks import Numbered, Run, Table, Text
from csp_workflow.terms.dates import Quarter, in_london, london_day
from csp_workflow.terms.events import Manner
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.phrases import brief_day, capital, clock, day, joined, moment, plural, short_day
from csp_workflow.terms.returns import ReturnState

FRONT = "index"
"""What the page is called."""

DASHBOARDS = {
    "dashboard/partnership/index.html": "The dashboard for the partnerships",
    "dashboard/public/index.html": "The dashboard for the public",
}
"""Where the dashboards are looked for, and what they are."""


def write_front_page(outcome: Outcome, templates: Mapping[str, str]) -> bytes:
    """The page, by the dashboard's own templates. Same outcome, same bytes."""
    parts = (
        ("start", "Start here", Terms(terms=tuple(_list_first(outcome)))),
        ("strips", "Each partnership's quarter", Cards(cards=list_strips(outcome))),
        ("steps", "Step by step", _tell_steps(outcome)),
        ("returns", "How each return ended", _tell_returns(outcome)),
        ("burden", "What it asked of people to read", _tell_burden(outcome)),
        ("results", "What came of it", Terms(terms=tuple(_list_results(outcome)))),
        ("days", "Every letter and every reply, day by day", _tell_days(outcome)),
    )
    page = Page(
        name=FRONT,
        title=f"{outcome.period}, letter by letter",
        quiet="A rehearsal: the real service, in virtual time, with simulated people. Nothing left this machine.",
        lead=tuple(_tell_briefly(outcome)),
        sections=tuple(
            Section(ident=i, title=title, items=(*([Numbered(text=KEY)] if isinstance(item, Cards) else []), item))
            for i, title, item in parts
            if _is_filled(item)
        ),
    )
    files = {path for piece in outcome.pieces for path in (piece.page, *(p for _, p in (*piece.files, *piece.drawn)))}
    view = View(
        title="A rehearsed reporting cycle",
        pages=(page,),
        chapters=(),
        foot=(
            f"Seed {outcome.seed}. The same seed gives the same letters, byte by byte: sha256 {outcome.digest[:16]}.",
            "The folder letters has them as plain text too. Any mail program opens the Maildirs in state/mail.",
        ),
        homes={},
        illustrative=True,
        files=frozenset(files) | outcome.others,
    )
    return write_view(view, templates)[f"{FRONT}.html"]


def _is_filled(item: Table | Terms | Finder | Cards) -> bool:
    match item:
        case Table():
            return bool(item.rows)
        case Terms():
            return bool(item.terms)
        case Cards():
            return bool(item.cards)
    return bool(item.groups)


# What happened ------------------------------------------------------------------------------------


def _tell_briefly(outcome: Outcome) -> Iterator[Text]:
    rows, came = outcome.status["returns"], outcome.came
    of = sum(row["respondent"] in outcome.partnerships for row in rows)
    papers = len({piece.title for piece in outcome.pieces if piece.kind == "circulation"})
    asked = joined([plural(of, "partnership"), plural(len(rows) - of, "other body", "other bodies")])
    made = joined([*([plural(papers, "paper")] if papers else []), "the dashboards"])
    yield (
        f"The service asked {asked} for their figures and their own words by email, with one Excel form each; "
        f"it read what came back, chased what did not, and made {made} of it."
    )
    yield f"Everybody here is simulated, and knows nothing but their own email. {_say_manners(outcome)}"
    if outcome.pieces:
        span = f"From {day(outcome.pieces[0].at)} to {day(outcome.pieces[-1].at)}"
        orders = plural(outcome.orders, "short reply", "short replies")
        yield (
            f"{span} it sent {plural(len(outcome.pieces) - len(came), 'letter')} and read "
            f"{plural(len(came), 'message')}; the co-ordinator ran all of it with {orders}."
        )


def _say_manners(outcome: Outcome) -> str:
    rows = outcome.status["returns"]
    missing = sum(row["state"] == ReturnState.NOT_RECEIVED.value for row in rows)
    faults = [
        *(["some are late"] if any(row["late"] for row in rows) else []),
        *(["some send the wrong file"] if any(one.kind in WRONG_FILES for one in outcome.pieces) else []),
        *([f"{plural(missing, 'return', spelt=True)} never came"] if missing else []),
    ]
    return f"Most are careful; {joined(faults)}." if faults else "All of them do what they are asked."


def _list_first(outcome: Outcome) -> Iterator[Term]:
    """What a visitor who has two minutes should open."""
    picked = (
        ("A partnership is asked", "One letter, one form, one date.", outcome.find("request")),
        ("A return is received", "What was read is said back, with what to explain.", _find_receipt(outcome)),
        ("A return is sent back", "Each cell to correct, in words, with a fresh form.", outcome.find("correction")),
        ("The co-ordinator's morning", "What needs her, and the reply that settles it.", _find_digest(outcome)),
        ("The Board gets its paper", "Cleared, in Word, with its figures in Excel.", outcome.find("circulation")),
    )
    there = [(words, said, piece) for words, said, piece in picked if piece]
    for number, (words, said, piece) in enumerate(there, start=1):
        links = _say_links((_link(piece), *_link_files(piece)))
        yield Term(ident=f"start-{piece.kind}", word=f"{number}. {words}", said=(said, links))
    boards = [Run(text=said, to=path) for path, said in DASHBOARDS.items() if path in outcome.others]
    if boards:
        said = "Every measure and area with its chart, its table and where it is from."
        word = f"{len(there) + 1}. Everybody sees the figures"
        yield Term(ident="start-dashboard", word=word, said=(said, _say_links(boards)))


def _find_receipt(outcome: Outcome) -> Exhibit | None:
    """The first that goes to a partnership, else the first of all."""
    of = (one for one in outcome.pieces if one.kind == "receipt" and {*one.about} & outcome.partnerships)
    return next(of, outcome.find("receipt"))


def _find_digest(outcome: Outcome) -> Exhibit | None:
    """One that needs her, of a day before which most had come."""
    digests = [one for one in outcome.pieces if one.kind == "digest"]
    days = [london_day(one.at) for one in outcome.came if one.about]
    busy = [one for one in digests if "Nothing needs" not in one.title] or digests
    return max(busy, key=lambda one: sum(0 <= (london_day(one.at) - when).days <= 1 for when in days), default=None)


def _tell_steps(outcome: Outcome) -> Table:
    told: list[tuple[datetime, str, Text]] = []
    for kind, said in STEPS:
        piece = outcome.find(kind)
        if piece:
            of = sum(one.kind == kind for one in outcome.pieces)
            told.append((piece.at, said, (Run(text=piece.title, to=piece.page), Run(text=_say_more(of)))))
    due = f"Returns for {_say_quarter(outcome)} are due."
    for when, said in (("due", due), ("close", "Their cycle closes; the paper names what is missing.")):
        told.append((datetime.fromisoformat(outcome.status[when]), said, "No letter of its own"))
    told.sort(key=lambda one: one[0])
    return Table(
        caption="Step by step",
        description="",
        headers=("Day", "What happens", "To open"),
        rows=tuple((short_day(in_london(at)).replace(" ", _NO_BREAK), said, to) for at, said, to in told),
        weights=(1, 3, 3),
    )


_NO_BREAK = "\N{NO-BREAK SPACE}"


def _brief(at: datetime) -> str:
    return brief_day(in_london(at)).replace(" ", _NO_BREAK)


def _say_more(count: int) -> str:
    return f" (the first of {count})" if count > 1 else ""


_ENDED = {
    ReturnState.APPROVED: "complete, and approved by the chair",
    ReturnState.NIL: "nothing to report, as a reply said",
    ReturnState.RECEIVED: "received, and not looked through to its end",
    ReturnState.QUERIED: "received, with something still to correct",
    ReturnState.REQUESTED: "asked, and not answered",
    ReturnState.EXPECTED: "not asked",
}


def _tell_returns(outcome: Outcome) -> Table:
    """Each respondent by name, the partnerships first, with what came from it."""
    rows = sorted(
        outcome.status["returns"],
        key=lambda row: (row["respondent"] not in outcome.partnerships, _name(outcome, row["respondent"])),
    )
    return Table(
        caption="How each return ended",
        description="",
        headers=("Partnership or body", "How it ended", "What came, and what was made of it"),
        rows=tuple(
            (_name(outcome, row["respondent"]), _say_ended(outcome, row), _say_came(outcome, row["respondent"]))
            for row in rows
        ),
        weights=(3, 3, 5),
        note=f"Returns for {_say_quarter(outcome)}.",
    )


def _say_quarter(outcome: Outcome) -> str:
    return Quarter.parse(outcome.status["quarter"]).months


def _name(outcome: Outcome, key: str) -> str:
    return outcome.names.get(key, key)


def _say_ended(outcome: Outcome, row: Mapping[str, Any]) -> str:
    state, key = ReturnState(row["state"]), row["respondent"]
    said = _ENDED.get(state, state.value)
    if row["submissions"] > 1:
        sent_back = any(one.kind == "correction" and key in one.about for one in outcome.pieces)
        said = f"{'corrected, and ' if sent_back else ''}{said}: {plural(row['submissions'], 'version', spelt=True)}"
    return capital(f"{said}, after the due date" if row["late"] else said)


def _say_came(outcome: Outcome, key: str) -> Text:
    runs: list[Run] = []
    for piece in (one for one in outcome.came if key in one.about):
        runs += [Run(text="\n" if runs else ""), Run(text=_brief(piece.at), to=piece.page)]
        runs.append(Run(text=f": {_say_told(piece)}"))
    return tuple(runs) or "Nothing came."


def _tell_burden(outcome: Outcome) -> Table:
    return Table(
        caption="What it asked of people to read",
        description="",
        headers=("Who", "Letters", "Of them once for ever", "For what was late or wrong", "Minutes"),
        rows=tuple(
            (capital(one.who), *map(str, (one.letters, one.once, one.lapses, one.minutes))) for one in outcome.burden
        ),
        weights=(5, 1, 1, 1, 1),
        numeric=(1, 2, 3, 4),
        note="Minutes are for reading the letters with care, 200 words a minute; what is attached comes on top.",
    )


def _list_results(outcome: Outcome) -> Iterator[Term]:
    """The papers in each of their drafts, and the dashboards."""
    for number, piece in enumerate((one for one in outcome.pieces if one.is_paper), start=1):
        links = (*_link_files(piece), Run(text="the letter that brought it", to=piece.page))
        yield Term(ident=f"paper-{number}", word=piece.title, said=(moment(piece.at), _say_links(links)))
    there = [Run(text=said, to=path) for path, said in DASHBOARDS.items() if path in outcome.others]
    if there:
        yield Term(ident="dashboards", word="Dashboards", said=(_say_links(there),))


# Day by day ---------------------------------------------------------------------------------------

_SORTS = {
    "asked": "Forms and first letters",
    "came": "What people sent",
    "answered": "Answers to them",
    "reminded": "Reminders and other letters",
    "desk": "Letters to the co-ordinator",
    "paper": "Papers",
}


def _sort_of(piece: Exhibit) -> str:
    kind = kind_of(piece.kind)
    if not piece.kind:
        return "came"
    if piece.is_paper:
        return "paper"
    if kind.is_request or piece.kind == "introduction":
        return "asked"
    return {Manner.ANSWER: "answered", Manner.TIMED: "reminded"}.get(kind.manner, "desk")


def _tell_days(outcome: Outcome) -> Finder:
    groups = []
    for when, pieces in groupby(outcome.pieces, key=lambda one: london_day(one.at)):
        groups.append((day(when), tuple(_list_entries(outcome, list(pieces)))))
    shown = {entry.kind for _, entries in groups for entry in entries}
    return Finder(
        ident="all-letters",
        label="letters and replies",
        groups=tuple(groups),
        kinds={sort: said for sort, said in _SORTS.items() if sort in shown},
    )


def _list_entries(outcome: Outcome, pieces: list[Exhibit]) -> Iterator[Entry]:
    """A line for each of a day; letters of a kind that went to more than two people are one."""
    alike: dict[str, list[Exhibit]] = {}
    for number, piece in enumerate(pieces):
        alike.setdefault(piece.kind or f"came {number}", []).append(piece)
    for kind, several in alike.items():
        if len(several) > _FEW:
            yield _tell_several(several)
            continue
        yield from (_tell_letter(one) if one.kind == kind else _tell_message(outcome, one) for one in several)


_FEW = 2


def _tell_several(pieces: list[Exhibit]) -> Entry:
    alike = takewhile(lambda words: len(set(words)) == 1, zip(*(one.title.split() for one in pieces), strict=False))
    words = " ".join(word for word, *_ in alike)
    title = words if words == pieces[0].title else f"{words.rstrip(' ,:') or pieces[0].title} ..."
    runs = [Run(text=f"{clock(pieces[0].at)}, {len(pieces)} letters, to ")]
    for number, one in enumerate(pieces):
        runs += [Run(text="; ")] if number else []
        runs.append(Run(text=one.who, to=one.page))
        runs += _hang_files(one)
    return Entry(title=Run(text=title, to=pieces[0].page), said=(*runs, Run(text=".")), kind=_sort_of(pieces[0]))


def _tell_letter(piece: Exhibit) -> Entry:
    runs = [Run(text=f"{clock(piece.at)}, to {piece.who}")]
    runs += _hang_files(piece)
    return Entry(title=Run(text=piece.title, to=piece.page), said=(*runs, Run(text=".")), kind=_sort_of(piece))


def _tell_message(outcome: Outcome, piece: Exhibit) -> Entry:
    runs = [Run(text=f"{clock(piece.at)}. {piece.became}")]
    runs += [part for link in _link_files(piece) for part in (Run(text=" With "), link, Run(text="."))]
    runs += [part for name, path in piece.drawn for part in (Run(text=" "), Run(text=name, to=path), Run(text="."))]
    for answer in (one for one in outcome.pieces if one.kind and one.message == piece.message):
        runs += [Run(text=f" {capital(answer.who)} then got: "), _link(answer), Run(text=".")]
    return Entry(title=Run(text=_say_told(piece), to=piece.page), said=tuple(runs), kind="came", words=piece.subject)


def _say_told(piece: Exhibit) -> str:
    return f"{piece.who} {piece.told}" if piece.told else f"{piece.who}: {piece.title}"


def _link(piece: Exhibit) -> Run:
    return Run(text=piece.title, to=piece.page)


def _link_files(piece: Exhibit) -> list[Run]:
    """The files it brought, each by what it is."""
    return [Run(text="its form (Excel)" if path.startswith("forms/") else name, to=path) for name, path in piece.files]


def _hang_files(piece: Exhibit) -> list[Run]:
    """A line's files; of a great many the letter itself has the list."""
    links = _link_files(piece)
    if len(links) > _MANY:
        return [Run(text=f", with {plural(len(links), 'file')}")]
    return [part for link in links for part in (Run(text=", "), link)]


_MANY = 4


def _say_links(links: Iterable[Run]) -> Text:
    runs: list[Run] = []
    for link in links:
        runs += [Run(text="\n"), link] if runs else [link]
    return tuple(runs)


# A letter as its reader sees it -------------------------------------------------------------------

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HEAD = (
    '<meta http-equiv="Content-Security-Policy" content="' + _POLICY + '"><meta name="referrer" content="no-referrer">'
)
_ENVELOPE = (
    "margin:0;padding:12px 24px;background:#ffffff;color:#1d1d1b;border-bottom:4px solid #14365d;"
    "font:16px/1.5 Arial,Helvetica,sans-serif;overflow-wrap:anywhere"
)
_PLAIN = "padding:16px 24px;font:16px/1.5 Arial,Helvetica,sans-serif;white-space:pre-wrap;overflow-wrap:anywhere"
_LINK = "color:#1a4f8f"


def write_letter_page(piece: Exhibit, *, html: str, text: str) -> bytes:
    """A letter under its envelope: its HTML untouched, else its text, with links to what it brought and back."""
    if "<head>" not in html or "<body" not in html:
        html = (
            '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(piece.subject)}</title></head>"
            '<body style="margin:0;background:#f3f2f1;color:#1d1d1b">'
            f'<div style="{_PLAIN}">{escape(text)}</div></body></html>'
        )
    start, _, rest = html.partition("<head>")
    head, _, rest = rest.partition("<body")
    body, _, rest = rest.partition(">")
    inside, end, rest = rest.rpartition("</body>")
    envelope = _write_envelope(piece, is_named="<h1" in inside)
    shown = f"<body{body}>{envelope}<main>{inside}</main>{end}{rest}"
    return f"{start}<head>{_HEAD}{head}{shown}".encode("utf-8", "replace")


def _write_envelope(piece: Exhibit, *, is_named: bool) -> str:
    """Who wrote what to whom, and when; its title is the page's heading where the letter `is_named` by none."""
    tag, look = ("strong", "") if is_named else ("h1", ' style="font-size:1em;margin:0;display:inline"')
    lines = [f"<{tag}{look}>{escape(piece.title)}</{tag}>", _write_reader(piece)]
    lines.append(escape(moment(piece.at)))
    if piece.files:
        lines.append(f"Attached: {joined(_write_link(path, name) for name, path in piece.files)}")
    lines += [_write_link(path, name) for name, path in piece.drawn]
    lines += [f"How it was read: {escape(piece.became)}"] if piece.became else []
    lines.append(_write_link(f"{FRONT}.html", "Back to the front page"))
    return f'<header style="{_ENVELOPE}">{"<br>".join(lines)}</header>'


def _write_reader(piece: Exhibit) -> str:
    named = piece.who if piece.who == piece.address else f"{piece.who} <{piece.address}>"
    return escape(f"{'To' if piece.kind else 'From'}: {named}")


def _write_link(path: str, text: str) -> str:
    return f'<a style="{_LINK}" href="../{escape(quote(path))}">{escape(text)}</a>'


KEY = (
    "A ring is a form, a stroke a reminder, a diamond a return, a hollow diamond one that was sent back, and a square "
    "the chair's approval; the dashed line is the due day."
)
"""What the marks mean."""

_CAME = {Verdict.RETURN.value: "returned", Verdict.APPROVAL.value: "approved"}


def list_strips(outcome: Outcome) -> tuple[Card, ...]:
    """A strip for each partnership that anything happened to, by name; all of them over the same days."""
    names = {key: outcome.names.get(key, key) for key in outcome.partnerships}
    told = {name: _list_marks(outcome, key) for key, name in sorted(names.items(), key=lambda one: one[1])}
    due = datetime.fromisoformat(outcome.status["due"])
    days = [due, *(one.at for marks in told.values() for _, one in marks)]
    ends = min(days), max(days)
    return tuple(
        _draw_strip(f"strip-{number}", name, marks, due, ends)
        for number, (name, marks) in enumerate(told.items(), start=1)
        if marks
    )


def _list_marks(outcome: Outcome, key: str) -> list[tuple[str, Exhibit]]:
    return [(what, one) for one in outcome.pieces if key in one.about and (what := _name_mark(one))]


def _name_mark(piece: Exhibit) -> str:
    """What a letter or a message is on a strip; "" for what is not drawn."""
    if not piece.kind:
        return _CAME.get(piece.verdict, "")
    if piece.kind == SENT_BACK:
        return "sent back"
    return "reminded" if piece.kind in REMINDERS else "asked" if kind_of(piece.kind).is_request else ""


def _draw_strip(
    ident: str, name: str, told: list[tuple[str, Exhibit]], due: datetime, ends: tuple[datetime, datetime]
) -> Card:
    letters = sum(bool(one.kind) for _, one in told)
    span = (ends[1] - ends[0]).total_seconds() or 1.0

    def place(at: datetime) -> float:
        return (at - ends[0]).total_seconds() / span

    days = [(what, in_london(one.at)) for what, one in told]
    said = joined(
        f"{what} on {joined(dict.fromkeys(brief_day(day) for _, day in of))}"
        for what, of in groupby(days, key=lambda one: one[0])
    )
    return Card(
        ident=ident,
        title=Run(text=name),
        quiet=f"Drawn from {plural(letters, 'letter')} and {plural(len(told) - letters, 'message')}.",
        said=(f"{capital(said)}.",),
        days=Days(
            marks=tuple((place(one.at), what) for what, one in told),
            due=place(due),
            first=short_day(in_london(ends[0])),
            last=short_day(in_london(ends[1])),
            description=f"{name}: {said}.",
        ),
        table=Table(
            caption=f"{name}, day by day",
            description="",
            headers=("Day", "What", "Letter or message"),
            rows=tuple(
                (brief_day(in_london(one.at)), capital(what), (Run(text=one.title, to=one.page),)) for what, one in told
            ),
            weights=(1, 1, 3),
        ),
    )
