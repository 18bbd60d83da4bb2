"""Finding an ANSWER in a reply: which message it names, the words that are to go on, and the files beside them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_BEFORE = re.compile(
    r"^\s*(?:(?:r[eé]p?|aw|antw(?:ort)?|sv|vs|odp|atb|rif|ynt)\s*(?:\[\d+\])?\s*:|\[[^\]]*\]"
    r"|official(?:[ -]\w+)*\s*[:\u2013-])\s*",
    re.IGNORECASE,
)
"""What programs and gateways put before a subject. A forwarded one is somebody else's."""
_HEAD = re.compile(
    r"^[\W_]*(?:please\s+)?(?P<word>answer)(?![\w'\u2019])[\s:,;.\u2013\u2014*_-]*(?P<rest>.*)$", re.IGNORECASE
)
_NAMED = re.compile(
    r"[\[(<#]*(?P<id>[0-9a-f]{4,64})[\])>]*(?:\s+to\s+(?P<whom>[^:]{1,120}?))?\s*(?::|$)", re.IGNORECASE
)
_LONG_ID = re.compile(r"[\[(<#]*(?P<id>(?=[a-f]*\d)[0-9a-f]{8,64})[\])>]*\s", re.IGNORECASE)
_TO = re.compile(r"to\s+(?P<whom>[^:]{1,120}?)\s*(?::|$)", re.IGNORECASE)
_FILE = re.compile(r"^[\W_]*ATTACHED(?!\w)[\s:]*(?P<name>.*?)\s*$")


@dataclass(frozen=True, kw_only=True)
class WrittenAnswer:
    """An ANSWER as it was written. `line` is the line that says so, `above` what stands before it: orders, perhaps.

    `message` is the beginning of an id, `whom` a name and `rest` what else stands on that line alone, each as typed
    and "" for none. `words` go on as they are, with `files`, of which "" names all.
    """

    line: str
    is_subject: bool = False
    above: str = ""
    message: str = ""
    whom: str = ""
    rest: str = ""
    words: str = ""
    files: tuple[str, ...] = ()


def find_answer(subject: str, text: str) -> WrittenAnswer | None:
    """The ANSWER that a subject says, or the first line of a text that does; None when there is none."""
    lines = [unicodedata.normalize("NFKC", line).replace("\u200b", "") for line in text.splitlines()]
    first = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    at = next((at for at, line in enumerate(lines) if is_head(line, is_first=at == first)), None)
    titled = _strip_prefixes(subject)
    if not is_head(titled, is_first=bool(_NAMED.match(_rest(titled)))):
        return _read(lines[at], lines[:at], lines[at + 1 :]) if at is not None else None
    if at == first and (not _rest(lines[at]) or _NAMED.match(_rest(lines[at]))):
        del lines[at]  # said once more
    return _read(titled, [], lines, is_subject=True)


def is_head(line: str, *, is_first: bool) -> bool:
    """Whether a line begins with ANSWER: in capitals, or alone on its line, or as the first word with an id."""
    head = _HEAD.match(line)
    if head is None:
        return False
    is_alone = not head["rest"] and (is_first or head["word"] == "Answer")
    return head["word"].isupper() or is_alone or (is_first and bool(_NAMED.match(head["rest"])))


def _rest(line: str) -> str:
    head = _HEAD.match(line)
    return head["rest"].strip() if head else ""


def _strip_prefixes(subject: str) -> str:
    before = ""
    while before != subject:
        before, subject = subject, _BEFORE.sub("", subject)
    return subject.strip()


def _read(line: str, above: list[str], below: list[str], *, is_subject: bool = False) -> WrittenAnswer:
    rest = _rest(line)
    named = _NAMED.match(rest) or _LONG_ID.match(rest) or _TO.match(rest)
    told = named.groupdict() if named else {}
    rest = rest[named.end() :].strip() if named else rest
    words = [one for one in below if not _FILE.match(one)]
    is_name = not named and bool(rest) and any(one.strip() for one in words)
    return WrittenAnswer(
        line=line.strip(),
        is_subject=is_subject,
        above="\n".join(above),
        message=(told.get("id") or "").lower(),
        whom=(told.get("whom") or "").strip(),
        rest=rest if is_name or is_subject else "",
        words="\n".join([*([] if is_subject else [rest]), *words]).strip(),
        files=tuple(found["name"] for one in below if (found := _FILE.match(one))),
    )
