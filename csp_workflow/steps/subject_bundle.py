"""All that is held of a person or a partnership in one file, for whoever answers a request for it.

Each thing is in it as it is kept, with a page that can be read in a browser. Nothing is taken out: whoever else is in
it is marked, so that the person who discloses it decides what may be seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from pathlib import Path
from typing import IO

from csp_workflow.steps.bundling import Exported, make_table, pack_bundle, write_bundle
from csp_workflow.steps.exporting import describe_event, fetch_kept
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.subjects import Held, Sought, find_held, read_held
from csp_workflow.steps.telling import describe_return
from csp_workflow.steps.tracing import add_certificates
from csp_workflow.store import StoredText
from csp_workflow.terms.data_subjects import ANY_ADDRESS, DataSubject, list_people
from csp_workflow.terms.events import Event
from csp_workflow.terms.personal import find_personal_details
from csp_workflow.terms.phrases import moment

_NOTICE = """What is held of {whom}, as at {now}

index.html lists every file: open it in a browser. messages/ and letters/ hold each as it came or left, forms/ and
papers/ the workbooks and papers, reading/ the words of each with other people marked. records.csv and records.xlsx have
what the store says, column by column; audit/ what happened; returns/ and figures the partnership's versions.

BEFORE YOU DISCLOSE IT. Nothing was taken out. Other people are marked in reading/ and named in INDEX.csv beside each
file: programs find the names they know, addresses, and what looks like personal details, and miss others. Read it.
What could not be looked into is listed under "not looked into".
"""
_PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:1rem/1.5 Arial,sans-serif;max-width:70rem;margin:1rem auto;padding:0 1rem;color:#0b0c0c}}
table{{border-collapse:collapse}}
th,td{{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #b1b4b6}}
pre{{white-space:pre-wrap;overflow-wrap:anywhere}}
mark{{border:2px solid #0b0c0c;background:none;padding:0 .1rem}}</style>
</head><body><h1>{title}</h1>
{body}
</body></html>
"""
_COLUMNS = ("table", "row", "column", "keeps", "text", "other persons in it")
_FOLDERS = {"message": "messages", "letter": "letters", "form": "forms", "paper": "papers"}
_ENDINGS = {"message": ".eml", "letter": ".eml", "form": ".xlsx"}


@dataclass(frozen=True)
class Others:
    """Everybody but whom is asked about: known people, and whoever has an address."""

    people: DataSubject
    sought: DataSubject
    ours: str

    def find(self, text: str) -> tuple[str, ...]:
        """Who and what of others stands in a text."""
        found = dict.fromkeys(" ".join(text[start:end].split()) for start, end in self._spans(text))
        details = find_personal_details(text, ours=self.ours)
        return (*found, *(f"what may be {detail}" for detail in details))

    def mark(self, text: str) -> str:
        """A text as HTML with others marked."""
        pieces, at = [], 0
        for start, end in self._spans(text):
            pieces += [escape(text[at:start]), f"<mark>{escape(text[start:end])}</mark>"]
            at = end
        return "".join((*pieces, escape(text[at:])))

    def _spans(self, text: str) -> list[tuple[int, int]]:
        found = self.people.find_spans(text)
        found += [m.span() for m in ANY_ADDRESS.finditer(text) if not self._is_known(m[0])]
        spans: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if not spans or start >= spans[-1][1]:
                spans.append((start, end))
        return spans

    def _is_known(self, address: str) -> bool:
        return address.lower() in self.ours.lower() or self.sought.is_in(address)


def export_subject(outside: Outside, sought: Sought, file: Path, now: datetime) -> int:
    """Write the bundle to a new file that only its owner may read. How many files are in it."""
    return write_bundle(file, list_bundle(outside, sought, now))


def pack_subject(outside: Outside, sought: Sought, handle: IO[bytes], now: datetime) -> int:
    """The same into what is open already."""
    return pack_bundle(handle, list_bundle(outside, sought, now))


def list_bundle(outside: Outside, sought: Sought, now: datetime) -> Iterator[Exported]:
    """Every file of the bundle, the index last."""
    people = (*sought.people.names, *sought.people.addresses)
    whom = ", ".join((sought.respondent, *people) if sought.respondent else people)
    others = find_others(outside, sought)
    yield Exported(name="README.txt", data=_NOTICE.format(whom=whom, now=moment(now)).encode(), what="What is in here")
    held = find_held(outside, sought, now)
    listed: list[tuple[str, str, Held, tuple[str, ...]]] = []
    for place, one in enumerate((h for h in held if h.content), start=1):
        yield from _export_held(outside, one, place, others, listed)
    yield from _export_records(outside, sought, others)
    yield from _export_returns(outside, sought)
    yield from _export_events(outside, sought, others)
    columns = ("where", "id", "when", "what", "how", "keeps", "stays", "unread")
    rows = ([str(value) for value in one.describe().values()] for one in held)
    yield make_table("audit/held.csv", "Everything that was found, with what cannot be erased and why", columns, rows)
    yield Exported(name="index.html", data=_draw_index(whom, now, listed, held).encode(), what="This list, to look at")


def find_others(outside: Outside, sought: Sought) -> Others:
    """Whom else the site knows. The office's own particulars stand in every letter and name nobody."""
    people = sought.people
    theirs = set() if sought.respondent else {text.casefold() for text in (*people.names, *people.addresses)}
    everybody = (text for person in list_people(outside.site) for text in person)
    known = dict.fromkeys(text for text in everybody if text.casefold() not in theirs)
    ours = outside.site.office.particulars
    others = DataSubject(
        names=tuple(text for text in known if "@" not in text),
        addresses=tuple(text.lower() for text in known if "@" in text and text.lower() not in ours.lower()),
    )
    return Others(people=others, sought=DataSubject() if sought.respondent else people, ours=ours)


def _export_held(
    outside: Outside, one: Held, place: int, others: Others, listed: list[tuple[str, str, Held, tuple[str, ...]]]
) -> Iterator[Exported]:
    data = fetch_kept(outside, one.content)
    if data is None:
        return
    words = read_held(outside, one)
    found = others.find(words.shown)
    ending = _ENDINGS.get(one.where) or (".docx" if data.startswith(b"PK") else ".bin")
    name = f"{_FOLDERS.get(one.where, 'files')}/{place:04}{ending}"
    reading = f"reading/{place:04}.html"
    listed.append((name, reading, one, found))
    what = f"{one.where}: {one.what} ({one.how})"
    yield Exported(name=name, data=data, what=what, others="; ".join(found))
    body = f"<p>{escape(what)}</p><p>Other people are in boxes.</p><pre>{others.mark(words.shown)}</pre>"
    page = _PAGE.format(title=escape(name), body=body)
    yield Exported(name=reading, data=page.encode("utf-8", "replace"), what=f"The words of {name}, others marked")


def _export_records(outside: Outside, sought: Sought, others: Others) -> Iterator[Exported]:
    from csp_workflow.analysis.figures_export import Table, defuse, write_excel

    rows = [
        (text.table, text.row, text.column, text.keeps, text.text, "; ".join(others.find(text.text)))
        for text in _list_records(outside, sought)
    ]
    what = "What the store says, column by column, with its retention class"
    yield make_table("records.csv", what, _COLUMNS, rows)
    table = Table("Records", _COLUMNS, lambda row: tuple(defuse(str(cell)[:32_000]) for cell in row), ())
    yield Exported(name="records.xlsx", data=write_excel(rows, table), what=what)


def _list_records(outside: Outside, sought: Sought) -> Iterator[StoredText]:
    """Texts that name them; of a partnership the texts of its returns too."""
    store, key = outside.store, sought.respondent
    versions = {v.id for quarter in store.cycle_states() for v in store.submissions(quarter, key)} if key else set()
    for text in store.stored_texts():
        if (text.text and text.row.split(" ")[0] in versions) or sought.people.is_in(text.text):
            yield text


def _export_returns(outside: Outside, sought: Sought) -> Iterator[Exported]:
    from csp_workflow.analysis.figures_export import write_csv, write_excel

    if not sought.respondent:
        return
    for quarter in outside.store.cycle_states():
        if sought.respondent in outside.store.cycle_status(quarter).returns:
            told = json.dumps(describe_return(outside, quarter, sought.respondent), indent=2, default=str)
            name = f"returns/{quarter.key.replace('/', '-')}.json"
            yield Exported(name=name, data=told.encode(), what=f"The return for {quarter}: its versions and approvals")
    figures = [one for q in outside.store.cycle_states() for one in outside.store.figures_of(q)]
    mine = add_certificates(outside, (one for one in figures if one.respondent == sought.respondent))
    what = "Every figure of each version, with where it was read"
    yield Exported(name="figures.csv", data=write_csv(mine), what=what)
    yield Exported(name="figures.xlsx", data=write_excel(mine), what=what)


def _export_events(outside: Outside, sought: Sought, others: Others) -> Iterator[Exported]:
    events = [e for quarter in (None, *outside.store.cycle_states()) for e in outside.store.events(quarter)]
    mine = [(event, line) for event in events if _is_about(event, line := _write_event(event), sought)]
    found = others.find("\n".join(line for _, line in mine))
    data = "".join(f"{line}\n" for _, line in mine).encode()
    yield Exported(name="audit/events.jsonl", data=data, what="What happened", others="; ".join(found))
    columns = ("at", "quarter", "kind", "by", "respondent", "subject", "facts")
    rows = (
        (e.at.isoformat(), e.quarter or "", e.kind.value, e.by, e.respondent, e.subject, json.dumps(dict(e.facts)))
        for e, _ in mine
    )
    yield replace(make_table("audit/events.csv", "What happened", columns, rows), others="; ".join(found))


def _write_event(event: Event) -> str:
    return json.dumps(describe_event(event), sort_keys=True, ensure_ascii=False)


def _is_about(event: Event, line: str, sought: Sought) -> bool:
    return bool(sought.respondent and event.respondent == sought.respondent) or sought.people.is_in(line)


def _draw_index(
    whom: str, now: datetime, listed: Sequence[tuple[str, str, Held, tuple[str, ...]]], held: Iterable[Held]
) -> str:
    rows = "".join(
        f'<tr><td><a href="{escape(name)}">{escape(name)}</a> <a href="{escape(reading)}">read it</a></td>'
        f"<td>{escape(one.when[:10])}</td><td>{escape(one.what)}</td><td>{escape(one.how)}</td>"
        f"<td>{escape('; '.join(found)) or 'nobody known'}</td>"
        f"<td>{escape(', '.join(one.unread)) or 'nothing'}</td></tr>"
        for name, reading, one, found in listed
    )
    heads = ("File", "When", "What", "How", "Other persons in it", "Not looked into")
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    in_store = "".join(
        f"<li>{escape(one.where)}: {escape(one.what)}, {escape(one.how)}</li>" for one in held if not one.content
    )
    also = "".join(f'<li><a href="{name}">{name}</a></li>' for name in _BESIDE)
    body = (
        f"<p>As at {escape(moment(now))}. Nothing was taken out: read it before you disclose it. Other people are in "
        f"boxes in the pages that \u201cread it\u201d opens.</p><table><caption>{len(listed)} files</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><h2>In the store and the configuration</h2>"
        f"<ul>{in_store}</ul><h2>Tables</h2><ul>{also}</ul>"
    )
    return _PAGE.format(title=f"What is held of {escape(re.sub(r' +', ' ', whom))}", body=body)


_BESIDE = ("README.txt", "records.csv", "records.xlsx", "audit/events.csv", "audit/held.csv", "INDEX.csv")
