"""What a person says in a message: their own words, without what programs and servers put around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from csp_workflow.mail.authorship import find_own_passages
from csp_workflow.mail.bodies import plain_words
from csp_workflow.mail.courtesies import find_matter, strip_furniture
from csp_workflow.mail.headers import safely
from csp_workflow.terms.messages import Courtesies, IncomingMessage, Passage

_LONGEST = 20_000
_FORWARDED = re.compile(
    r"^\s*(?:fwd?|wg|tr|rv|ymlaen)\s*:|^\W*(?:-{2,}\s*forwarded message|begin forwarded message:)",
    re.IGNORECASE | re.MULTILINE,
)


def read_words(
    message: IncomingMessage, lists: Courtesies, *, ours: Iterable[str] = (), names: Sequence[str] = ()
) -> IncomingMessage:
    """The message with its sender's own words found in it. Never raises.

    `ours` is the text of the letter of ours that it answers, as programs may show it; `names` are those under which
    the sender may sign. Where the plain words say nothing, or less, the HTML's count: gateways add a plain part.
    """
    letters = tuple(ours)
    signed = (*names, message.sender_name, *_first_part(message.sender))
    nothing: tuple[Passage, ...] = ()
    found = [
        safely(lambda body=body: find_own_passages(body, ours=letters), nothing)  # type: ignore[misc]
        for body in (message.text, message.html_text)
    ]
    plain, html = (tuple(_without_furniture(one, lists, signed)) for one in found)
    is_html = _says_more(html, plain, lists)
    passages = html if is_html else plain
    answer = _join(passages)
    return replace(
        message, own=_join(found[is_html]), passages=passages, answer=answer, matter=find_matter(answer, lists)
    )


def _join(passages: Iterable[Passage]) -> str:
    return "\n\n".join(passage.text for passage in passages)[:_LONGEST]


def say_passages(passages: Iterable[Passage]) -> str:
    """Somebody's words as a reader needs them: an answer between quoted lines below the line that it answers."""
    return "\n\n".join(f"To \u201c{p.beside}\u201d:\n{p.text}" if p.beside else p.text for p in passages)


def is_forwarded(message: IncomingMessage) -> bool:
    """Whether a message passes on somebody else's."""
    return bool(_FORWARDED.search(f"{message.subject}\n{message.text}"))


def _first_part(address: str) -> tuple[str, ...]:
    return (address.partition("@")[0].replace(".", " "),) if address else ()


def _without_furniture(said: Iterable[Passage], lists: Courtesies, names: Sequence[str]) -> Iterator[Passage]:
    for passage in said:
        if text := safely(lambda text=passage.text: strip_furniture(text, lists, names=names), passage.text):  # type: ignore[misc]
            yield replace(passage, text=text)


def _says_more(html: Sequence[Passage], plain: Sequence[Passage], lists: Courtesies) -> bool:
    in_html, in_plain = (
        {word for passage in said for line in find_matter(passage.text, lists) for word in plain_words(line).split()}
        for said in (html, plain)
    )
    return in_html > in_plain
