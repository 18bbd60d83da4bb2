"""Letters that a person sends: which must be, what became of each in her Drafts folder, what she changed in it.

A letter is known again by the mark that it was given. Programs that write it anew lose that, and classic Outlook gives
it a new Message-ID as well: then by its subject and its recipient, where that can be no other letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from hashlib import sha256

from csp_workflow.mail.unpack import unpack_message
from csp_workflow.post.leaving import goes_at_once
from csp_workflow.terms.events import QueuedLetter
from csp_workflow.terms.messages import Attachment, IncomingMessage
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.service import Lying, Mode, Place
from csp_workflow.terms.site import Site

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_ADDRESS = re.compile(r"[\w.+'-]+@[\w.-]+\w")
_LINK = re.compile(r"(?:https?|mailto):\S+")
_MOST_QUOTED = 40
"""So many changed words are quoted of a letter."""


def goes_by_hand(letter: QueuedLetter, site: Site) -> bool:
    """Whether a letter waits in Drafts for a person. What no hold stops goes at once: the office's own letters, alerts,
    and what is passed on while the law's days run."""
    return site.mode is Mode.DRAFTS and not goes_at_once(letter, site)


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """What of a letter lies where: `sent` is the copy that left (None: none), the earliest of several."""

    drafts: tuple[Lying, ...] = ()
    is_leaving: bool = False
    sent: Lying | None = None


def locate_letters(letters: Sequence[QueuedLetter], lying: Iterable[Lying]) -> Mapping[str, Whereabouts]:
    """Where each letter lies, by its delivery id."""
    by_mark, by_name = {x.id: x for x in letters}, {x.message_id: x for x in letters}
    found: dict[str, list[Lying]] = {letter.id: [] for letter in letters}
    others: list[Lying] = []
    for one in lying:
        letter = by_mark.get(one.mark) or by_name.get(one.message_id)
        if letter is not None:
            found[letter.id].append(one)
        elif not one.mark and one.place is Place.SENT:
            others.append(one)
    lost = [letter for letter in letters if not found[letter.id]]
    for letter in lost:
        found[letter.id] += [one for one in others if _is_only_fit(one, letter, lost)]
    return {id_: _part(each) for id_, each in found.items()}


def _is_only_fit(one: Lying, letter: QueuedLetter, letters: Iterable[QueuedLetter]) -> bool:
    """Whether an unmarked message can be this letter, and no other that has gone from Drafts."""
    fits = [x for x in letters if x.drafted and _plain(x.subject) == _plain(one.subject)]
    fits = [x for x in fits if x.recipient.lower() in one.recipients and x.drafted and x.drafted <= one.since]
    return fits == [letter]


def _plain(subject: str) -> str:
    return " ".join(subject.split()).casefold()


def _part(found: Iterable[Lying]) -> Whereabouts:
    by_age = sorted(found, key=lambda one: one.since)
    return Whereabouts(
        drafts=tuple(one for one in by_age if one.place is Place.DRAFTS),
        is_leaving=any(one.place is Place.LEAVING for one in by_age),
        sent=next((one for one in by_age if one.place is Place.SENT), None),
    )


# What she changed ---------------------------------------------------------------------------------


def say_changes(ours: bytes, left: bytes, now: datetime) -> tuple[str, ...]:
    """What a person changed in a letter, in sentences: to whom, about what, its words, its files; () for nothing.

    How a mail program breaks lines and dresses words is no change.
    """
    was, is_ = unpack_message(ours, received=now), unpack_message(left, received=now)
    return (
        *_say_people(_list_people(was), _list_people(is_)),
        *(() if _plain(was.subject) == _plain(is_.subject) else (f'Its subject was changed to "{is_.subject}".',)),
        *_say_words(_list_readings(was), _list_readings(is_)),
        *_say_files(was.attachments, is_.attachments),
    )


def _list_people(message: IncomingMessage) -> list[str]:
    named = {"to", "cc", "bcc"}
    said = " ".join(value for name, value in message.headers if name.lower() in named)
    return list(dict.fromkeys(address.lower() for address in _ADDRESS.findall(said)))


def _say_people(was: Sequence[str], is_: Sequence[str]) -> Iterator[str]:
    added, gone = [x for x in is_ if x not in was], [x for x in was if x not in is_]
    if added:
        yield f"It went to {joined(added)}{' as well' if len(gone) < len(was) else ''}."
    if gone:
        yield f"It did not go to {joined(gone)}."


def _list_readings(message: IncomingMessage) -> list[list[str]]:
    """The words as its plain part has them, and as its other one has them: mail systems make either of the other."""
    said = dict.fromkeys(text for text in (message.text, message.html_text) if text.strip())
    return [_WORD.findall(_LINK.sub(" ", text)) for text in said] or [[]]


def _say_words(before: Sequence[list[str]], after: Sequence[list[str]]) -> Iterator[str]:
    """The words that were added and left out, between the two readings that are most alike."""
    matched = [(SequenceMatcher(None, was, is_, autojunk=False), was, is_) for was in before for is_ in after]
    alike, was, is_ = max(matched, key=lambda one: one[0].ratio())
    changes = alike.get_opcodes()
    added = [word for kind, _, _, start, end in changes if kind in {"insert", "replace"} for word in is_[start:end]]
    gone = [word for kind, start, end, _, _ in changes if kind in {"delete", "replace"} for word in was[start:end]]
    if added:
        yield f'Words were added: "{_quote(added)}".'
    if gone:
        yield f'Words were left out: "{_quote(gone)}".'


def _quote(words: Sequence[str]) -> str:
    return " ".join(words) if len(words) <= _MOST_QUOTED else f"{' '.join(words[:_MOST_QUOTED])} ..."


def _say_files(was: Iterable[Attachment], is_: Iterable[Attachment]) -> Iterator[str]:
    before, after = _mark_files(was), _mark_files(is_)
    for name, mark in after.items():
        if name not in before and mark not in before.values():
            yield f'The file "{name}" was added.'
        elif name in before and mark != before[name]:
            yield f'The file "{name}" was changed.'
    for name, mark in before.items():
        if name not in after and mark not in after.values():
            yield f'The file "{name}" was left out.'


def _mark_files(files: Iterable[Attachment]) -> dict[str, str]:
    return {file.name: sha256(file.data).hexdigest() for file in files}
