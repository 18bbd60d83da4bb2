"""Which words of a body are its sender's own: not our letter that it answers, and nobody else's that it quotes.

Programs quote in a hundred ways, but we hold the bytes of the letter that is answered. So what stands in it is found by
its words, however it is marked, indented, wrapped or encoded, as one aligned copy in which each word of ours is used
once: a word that we offered and they typed is theirs. What others wrote is told by marks and by heads of messages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import Enum, auto
from functools import cached_property, lru_cache
from itertools import groupby, islice, takewhile

from csp_workflow.terms.messages import Passage

_MOST_TOKENS = 6_000
"""Words that are compared; what stands below them is a history of letters."""

_MOST_PAIRS = 10_000
"""Pairs of places of one word that are compared; a word that stands more often belongs to a piece but begins none."""

_LONGEST_LINE = 20_000
_DEEPEST = 20
_BLOCK = 4
"""Words in a row that make a piece of a copy by themselves; fewer must stand next to such a piece."""

_SLACK = 3
"""Words by which a program may shorten our letter inside an unmarked copy."""

_SIGNS = 2
"""Letters of a word that are nothing but a sign read in a wrong character set, when none of them is plain."""

_UNTOUCHED = 0.5
"""Which part of a quoted letter's words must be ours for the others in it to be new: a translation has few."""

_MARK = re.compile(r"^[ \t\xa0]{0,20}(?:[>|│¦]|[A-Z][A-Za-z]{0,2}>)[ \t\xa0]?")
_LINK = re.compile(r"[<\[(]?\b(?:https?://|mailto:|cid:|tel:)[^\s<>\"')\]]+[>)\]]?", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_ADDRESS = re.compile(r"[^\s<>@\"',;:()\[\]]+@[^\s<>@\"',;:()\[\]]+\.\w+")
_DATED = re.compile(
    r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|\b\d{1,2}[:.]\d{2}\b|\b(?:19|20)\d{2}\b"
    r"|\b\d{1,2}\.? [^\W\d_]{3,9}\b|\b[A-Z][a-z]{2,8} \d{1,2}\b"
)

# Heads of quoted messages -----------------------------------------------------------------------------

_WROTE = re.compile(
    r"\b(?:wrote|schrieb|schreef|a écrit|escribió|escreveu|ha scritto|napisał(?:\(a\)|a)?|skrev|kirjoitti"
    r"|ysgrifennodd|a scris|írta|napsal(?:\(a\))?|написала?)\b.{0,120}:\s*$",
    re.IGNORECASE,
)
_DASHED = re.compile(
    r"^\s*-{2,}\s*(?:original message|original appointment|forwarded (?:message|by)|ursprüngliche nachricht"
    r"|weitergeleitete nachricht|message d'origine|message transféré|mensaje original|neges wreiddiol"
    r"|wiadomość oryginalna|oryginalna wiadomość|oorspronkelijk bericht|messaggio originale|mensagem original"
    r"|reply message|weitergeleitet).{0,80}$",
    re.IGNORECASE,
)
_APPLE = re.compile(r"^\s*begin forwarded message:\s*$", re.IGNORECASE)
_GROUPWISE = re.compile(r"^\s*>{2,}.{3,300}(?:>{2,}|\d{1,2}[:.]\d{2}.{0,12})\s*$")
_RULE = re.compile(r"^\s*(?:_{10,}|-{20,}|[\u2013\u2014]{5,}|={20,})\s*$")
_LABEL = re.compile(r"^\s*\**(?P<label>[^\W\d][^\n:@]{0,30}?)\s?\**:\**(?:\s+(?P<value>\S.*))?$")
_LABELS = re.compile(
    r"from|sent|date|to|b?cc|subject|importance|attachments|reply[- ]to"
    r"|von|gesendet|datum|an|betreff|kopie|de|envoyé|à|objet|copie|pièces jointes"
    r"|oddi wrth|anfonwyd|dyddiad|at|i|pwnc|copi|od|wysłan[oe]|data|do|dw|temat|kopia"
    r"|para|enviad[oa]|fecha|as+unto|da|inviato|a|oggetto|verzonden|aan|onderwerp|til|fra|emne|sendt"
)
"""What programs call the lines of a message's head, in the languages that council staff use."""

_HEAD_LINES = 12
_LONGEST_HEAD = 400
"""Characters of a line in a head; the patterns above are slow on long ones."""


class _Whose(Enum):
    """Whose a line is."""

    THEIRS = auto()
    OURS = auto()
    OTHERS = auto()


@dataclass
class _Line:
    """One line of a body, without its marks.

    `depth` is how deep it is marked as quoted, `is_quoted` whether it is so or stands below the head of a message,
    `section` how many heads stand above it, and `rest` the words of a line of ours that are not ours; `is_head` is said
    of the lines of a head.
    """

    text: str
    depth: int = 0
    is_quoted: bool = False
    section: int = 0
    whose: _Whose = _Whose.THEIRS
    rest: str = ""
    is_head: bool = False

    @cached_property
    def tokens(self) -> tuple[tuple[str, int, int], ...]:
        """Its words with their places."""
        return tuple(_tokens(self.text))


def find_own_passages(body: str, *, ours: Iterable[str] = ()) -> tuple[Passage, ...]:
    """The sender's own words in a body, in their order.

    Lines quoted in HTML stand in `body` behind "> ". `ours` is the text of the letter of ours that is answered as a
    program may show it: its plain words, and those of its HTML; empty where no letter is known.
    """
    return tuple(_passages(_attribute(body, ours)))


def find_passed_on(body: str, *, ours: Iterable[str] = (), our_names: Sequence[str] = ()) -> str:
    """What the message that a body passes on says of its own: not what that one quotes in its turn, nor what is ours.

    `our_names` are those by which the head of a letter of ours names us.
    """
    lines = _attribute(body, ours)
    first = next((line.section for line in lines if line.whose is not _Whose.THEIRS), 0)
    here = [line for line in lines if line.section == first]
    head = " ".join(line.text for line in here if line.is_head).casefold()
    said = [line for line in takewhile(lambda line: line.whose is not _Whose.OURS, here) if not line.is_head]
    depth = min((line.depth for line in said if line.whose is _Whose.OTHERS), default=0)
    words = (line.text for line in said if not line.text or (line.whose, line.depth) == (_Whose.OTHERS, depth))
    return "" if any(name.casefold() in head for name in our_names) else "\n".join(words).strip()


def _attribute(body: str, ours: Iterable[str]) -> list[_Line]:
    letters = [_words_of(letter) for letter in ours if letter.strip()] if body.strip() else []
    lines = _read_lines(body, letters)
    _say_whose(lines, max((_find_copy(lines, letter) for letter in letters), key=len, default={}))
    return lines


@lru_cache(maxsize=64)
def _words_of(letter: str) -> tuple[str, ...]:
    words = (token for row in letter.split("\n") for token, _, _ in _tokens(_unmark(row).text))
    return tuple(islice(words, _MOST_TOKENS))


def _read_lines(body: str, letters: Sequence[Sequence[str]]) -> list[_Line]:
    raw = [line[:_LONGEST_LINE] for line in body.split("\n")]
    lines = [_unmark(line) for line in raw]
    told = [f" {' '.join(letter)} " for letter in letters]
    # Our own letters tell of messages too, in lines like those of a head.
    heads = {at for at in _find_heads(raw, lines) if not any(f" {_flat(lines[at].text)} " in one for one in told)}
    section = 0
    for at, line in enumerate(lines):
        section += at in heads and (at - 1 not in heads)
        line.section = section
        line.is_quoted = line.depth > 0 or section > 0
        line.is_head = at in heads
        if line.is_head:
            line.whose = _Whose.OTHERS
    return lines


def _flat(text: str) -> str:
    return " ".join(token for token, _, _ in _tokens(text)) or "\0"


def _unmark(line: str) -> _Line:
    """A line without its quotation marks. Initials before a mark ("JS> ") count as one."""
    depth = 0
    while depth < _DEEPEST and (mark := _MARK.match(line)):
        line, depth = line[mark.end() :], depth + 1
    return _Line(line.strip(" \t\xa0"), depth)


# Heads ------------------------------------------------------------------------------------------------


def _find_heads(raw: Sequence[str], lines: Sequence[_Line]) -> set[int]:
    """The lines that make up heads of quoted messages: "On ... wrote:", "From: ... Sent: ...", a rule above one."""
    heads: set[int] = set()
    for at, line in enumerate(lines):
        if at in heads or not 0 < len(line.text) <= _LONGEST_HEAD:
            continue
        if _DASHED.match(line.text) or _APPLE.match(line.text) or _GROUPWISE.match(raw[at]):
            heads.add(at)
        heads.update(_attribution(lines, at))
        heads.update(_labelled(lines, at))
    for at in tuple(heads):
        above = _line_above(lines, at)
        if above is not None and above not in heads and _RULE.match(lines[above].text):
            heads.update(range(above, at))
        below = next((i for i in range(at + 1, min(at + 3, len(lines))) if lines[i].text), at + 1)
        if below in heads:
            heads.update(range(at, below))
    return heads


def _line_above(lines: Sequence[_Line], at: int) -> int | None:
    return next((i for i in range(at - 1, max(at - 4, -1), -1) if lines[i].text), None)


def _attribution(lines: Sequence[_Line], at: int) -> range:
    """A line or up to three that say who wrote when, and end in a colon.

    Without a known verb they must be followed by marked lines.
    """
    if not _names_when_or_whom(lines[at].text):
        return range(0)
    said = ""
    for end in range(at, min(at + 3, len(lines))):
        line = lines[end]
        if not line.text or line.depth != lines[at].depth:
            break
        said = f"{said} {line.text}".strip()
        if len(said) > _LONGEST_HEAD:
            break
        if not said.endswith(":"):
            continue
        if _WROTE.search(said) or _marked_below(lines, end):
            return range(at, end + 1)
        break
    return range(0)


def _names_when_or_whom(text: str) -> bool:
    return bool(_DATED.search(text) or _ADDRESS.search(text))


def _marked_below(lines: Sequence[_Line], at: int) -> bool:
    below = next((line for line in lines[at + 1 : at + 4] if line.text), None)
    return below is not None and below.depth > lines[at].depth


def _labelled(lines: Sequence[_Line], at: int) -> range:
    """Lines "From: ...", "Sent: ..." one below another, in any language; what runs on to a second line too."""
    first = _LABEL.match(lines[at].text)
    if not first or (at and _LABEL.match(lines[at - 1].text) and lines[at - 1].whose is _Whose.OTHERS):
        return range(0)
    labels, values, end, misses = [], [], at, 0
    for place in range(at, min(at + _HEAD_LINES, len(lines))):
        found = _LABEL.match(lines[place].text)
        if found:
            labels.append(found["label"].strip(" *").casefold())
            values.append(found["value"] or "")
            end, misses = place, 0
        elif not 0 < len(lines[place].text) <= _LONGEST_HEAD or misses or lines[place].depth != lines[at].depth:
            break
        else:
            values.append(lines[place].text)
            misses += 1
    known = sum(bool(_LABELS.fullmatch(label)) for label in labels)
    said = " ".join(values)
    has_both = bool(_ADDRESS.search(said) or _ADDRESS.search(lines[at].text)) and bool(_DATED.search(said))
    if (known >= 2 and _LABELS.fullmatch(labels[0]) and len(labels) >= 2 and known >= len(labels) - 1) or (
        len(labels) >= 3 and has_both
    ):
        return range(at, end + 1)
    return range(0)


# Our letter -------------------------------------------------------------------------------------------


def _find_copy(lines: Sequence[_Line], told: Sequence[str]) -> dict[int, list[tuple[int, int, bool]]]:
    """What of a body is a copy of a letter: by line, each of its words as (from, to, whether it is ours).

    {} when the letter does not stand in the body.
    """
    words: list[tuple[str, int, int, int]] = []
    for at, line in enumerate(lines):
        if line.whose is _Whose.THEIRS:
            words += [(token, at, begins, ends) for token, begins, ends in line.tokens]
    words = words[:_MOST_TOKENS]
    if not words:
        return {}
    said, place_of = _with_seams(words, lines)
    counts, ours_counts = Counter(said), Counter(told)
    matcher = SequenceMatcher(lambda t: counts[t] * ours_counts[t] > _MOST_PAIRS, said, told, autojunk=False)
    blocks = [b for b in matcher.get_matching_blocks() if b.size]
    kept = _pieces_of_copy(blocks, [None if p is None else lines[words[p][1]] for p in place_of], len(told))
    ours = {place_of[at] for block in kept for at in range(block.a, block.a + block.size)}
    found: dict[int, list[tuple[int, int, bool]]] = {}
    for place, (_, at, begins, ends) in enumerate(words):
        found.setdefault(at, []).append((begins, ends, place in ours))
    return {at: marks for at, marks in found.items() if any(mine for *_, mine in marks)}


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Words in small letters with their places; links, which programs rewrite, are none."""
    plain = _LINK.sub(lambda link: " " * len(link[0]), text).casefold()
    if len(plain) != len(text):
        plain = _LINK.sub(lambda link: " " * len(link[0]), text).lower()
    for match in _TOKEN.finditer(plain):
        if match[0].isascii() or len(match[0]) > _SIGNS:
            yield match[0], match.start(), match.end()


def _with_seams(
    words: Sequence[tuple[str, int, int, int]], lines: Sequence[_Line]
) -> tuple[list[str], list[int | None]]:
    """The words with a mark wherever quoted and unquoted lines meet, which no piece of a copy crosses."""
    said: list[str] = []
    places: list[int | None] = []
    for place, (token, at, _, _) in enumerate(words):
        before = lines[words[place - 1][1]] if place else None
        here = lines[at]
        if before is not None and _is_seam(before, here, apart=at - words[place - 1][1]):
            said.append("\0")
            places.append(None)
        said.append(token)
        places.append(place)
    return said, places


def _is_seam(before: _Line, here: _Line, *, apart: int) -> bool:
    """Whether a copy cannot go on from one line to the next; long marked lines break and lose their marks midway."""
    if (before.is_quoted, before.section) != (here.is_quoted, here.section):
        return True
    return before.depth != here.depth and apart > 1


def _pieces_of_copy(blocks: Sequence[Match], line_at: Sequence[_Line | None], length: int) -> list[Match]:
    """The matching pieces that make up one copy.

    In quoted lines a few words in a row are a piece of it. In others our words may be typed ("the return of
    Charnwood for July to September"), so that there a copy must be whole but for what was put between.
    """

    def line_of(block: Match) -> _Line:
        line = line_at[block.a]
        assert line is not None  # noqa: S101 - a seam matches nothing
        return line

    quoted = [b for b in blocks if b.size >= _BLOCK and line_of(b).is_quoted]
    plain = [b for b in blocks if b.size >= _BLOCK and not line_of(b).is_quoted]
    sure = quoted + _longest_chain(plain, length)
    near = [b for b in blocks if b.size < _BLOCK and any(_adjoins(b, other, line_of) for other in sure)]
    return sure + near


def _longest_chain(blocks: Sequence[Match], length: int) -> list[Match]:
    """Of pieces in unquoted lines, those that make up a copy of a letter of so many words; [] when too few do."""
    chains: list[list[Match]] = []
    for block in blocks:
        last = chains[-1][-1] if chains else None
        if last and block.b - last.b - last.size <= block.a - last.a - last.size + _SLACK:
            chains[-1].append(block)
        else:
            chains.append([block])
    longest = max(chains, key=lambda chain: sum(b.size for b in chain), default=[])
    return longest if 2 * sum(b.size for b in longest) >= length else []


def _adjoins(block: Match, other: Match, line_of: object) -> bool:
    """Whether a short piece stands as far from a sure one in the body as in the letter, and is quoted as deep."""
    first, last = (block, other) if block.a < other.a else (other, block)
    in_body, in_letter = last.a - first.a - first.size, last.b - first.b - first.size
    if in_letter < 0 or in_body > 3 * _BLOCK or abs(in_body - in_letter) > _SLACK:
        return False
    one, two = line_of(block), line_of(other)  # type: ignore[operator]
    return (one.is_quoted, one.section) == (two.is_quoted, two.section)


# Whose each line is -----------------------------------------------------------------------------------


def _say_whose(lines: Sequence[_Line], copy: dict[int, list[tuple[int, int, bool]]]) -> None:
    for at, marks in copy.items():
        mine = sum(is_ours for *_, is_ours in marks)
        # A line of theirs may hold some of our words; of a line of ours, what is not ours was typed into it.
        if 2 * mine > len(marks):
            lines[at].whose, lines[at].rest = _Whose.OURS, _rest(lines[at].text, marks)
    spans = _find_spans(lines, copy)
    for at, line in enumerate(lines):
        span = spans.get(line.section)
        is_within = span is not None and span.first < at < span.last
        if line.whose is _Whose.OURS:
            line.rest = line.rest if span is not None else ""
        elif line.whose is _Whose.THEIRS and line.text:
            is_nothing = is_within and not _has_words(line.text)
            if is_nothing or (line.is_quoted and not _is_new(at, line, lines, span)):
                line.whose = _Whose.OTHERS


def _has_words(text: str) -> bool:
    """Whether a line says anything: rules and signs that were read in a wrong character set do not."""
    return next(_tokens(text), None) is not None


def _rest(text: str, marks: Sequence[tuple[int, int, bool]]) -> str:
    """The words of a line that are not ours, from the first to the last of each run; broken signs are no words."""
    runs: list[list[int]] = []
    was_ours = True
    for begins, ends, is_ours in marks:
        if not is_ours and was_ours:
            runs.append([begins, ends])
        elif not is_ours:
            runs[-1][1] = ends
        was_ours = is_ours
    return " ".join(text[begins:ends] for begins, ends in runs)


@dataclass(frozen=True)
class _Span:
    """From where to where our letter stands under a head, and how deep its lines are marked."""

    first: int
    last: int
    depths: frozenset[int]


def _find_spans(lines: Sequence[_Line], copy: dict[int, list[tuple[int, int, bool]]]) -> dict[int, _Span]:
    """Where the copy stands, by section; left out where most words are not ours, as in a translation."""
    found: dict[int, list[int]] = {}
    for at, line in enumerate(lines):
        if line.whose is _Whose.OURS:
            found.setdefault(line.section, []).append(at)
    spans = {}
    for section, places in found.items():
        span = _Span(places[0], places[-1], frozenset(lines[at].depth for at in places))
        words = sum(len(line.tokens) for line in lines[span.first : span.last + 1])
        ours = sum(is_ours for at in places for *_, is_ours in copy.get(at, ()))
        if ours >= _UNTOUCHED * words:
            spans[section] = span
    return spans


def _is_new(at: int, line: _Line, lines: Sequence[_Line], span: _Span | None) -> bool:
    """Whether words in a quotation are new: between lines of our letter, or unmarked below it or below marked lines."""
    if span is not None and span.first < at < span.last:
        return line.depth in span.depths or line.depth == 0
    if line.depth:
        return False
    # Marked lines end a quotation by themselves: what is unmarked below them, under the same head, is an answer.
    is_below = span is not None and at > span.last
    return is_below or any(other.depth and other.section == line.section for other in lines[:at])


def _passages(lines: Sequence[_Line]) -> Iterator[Passage]:
    beside = ""
    for is_theirs, some in groupby(lines, key=lambda line: line.whose is _Whose.THEIRS):
        together = list(some)
        if is_theirs:
            text = re.sub(r"\n{3,}", "\n\n", "\n".join(line.text for line in together)).strip()
            if text:
                yield Passage(text=text, beside=beside)
            continue
        yield from (Passage(text=line.rest, beside=line.text) for line in together if line.rest)
        beside = next((line.text for line in reversed(together) if line.text), beside)
