"""Which lines of a reply are the co-ordinator's own and say something, and whether one of them says STOP."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from itertools import groupby

from csp_workflow.desk.commands import LOUD, Verb, begins_like_order, only_agrees, strip_politeness
from csp_workflow.mail.words import find_matter, holds_particulars, plain_words, split_sentences, strip_furniture
from csp_workflow.terms.messages import Courtesies

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_QUOTED = re.compile(r"^[>|]")
_MAY_QUOTE_ON = re.compile(
    r"^-+\s*(original message|forwarded message)|^_{5,}\s*$|^on .{5,}wrote:\s*$|^(from|von|sent):\s", re.IGNORECASE
)
_PICTURE = re.compile(r"^(?:\[(?:cid|image):[^\]]*\]\s*)+$", re.IGNORECASE)
_ANY_ORDER = re.compile(rf"\b(?:{'|'.join(Verb)}|(?i:stop))\b")
_LOUD_FIRST = re.compile(rf"^(?:{LOUD})\b", re.IGNORECASE)
_ORDER_AMONG_ADDED = re.compile(rf"^(?:{LOUD})\b")
_SAYS_MORE = re.compile(
    r"^(?:but|not|do not|don['\u2019]?t|except|unless|only|wait|if|however|without|no|nope|never|tomorrow|later|today"
    r"|sorry|cancel|scrap|ignore|actually|maybe|once|until|after|before|leave|p\.?s|n\.?b)\b",
    re.IGNORECASE,
)
"""How a line begins that says something, whatever it stands below."""
_DENIES = re.compile(r"\b(?:not|never|except|unless|only|but|without|wait)\b", re.IGNORECASE)
_SPEAKS = re.compile(r"\b(?:i|me|my|we|us|our|you|let|is|are|was|were|have|has|first|yet|subject)\b", re.IGNORECASE)
_PRONOUNS = re.compile(r"\b(?:she|he|they) ?/ ?(?:her|him|them)s?\b", re.IGNORECASE)
_DO_NOT = re.compile(r"\bdon['\u2019]?t\b", re.IGNORECASE)
_LABELLED_NUMBER = re.compile(r"^[A-Za-z][A-Za-z -]{0,14}[:|]\s*[+(\d]")
_ONLY_PRESENTS = re.compile(
    r"(?=.*\b(?:attached|enclosed|herewith|here)\b)(?:(?:please|find|see|attached|enclosed|herewith|here|it|they|you|is|are"
    r"|go|my|our|the|this|a|set|up|setup|work ?book|spreadsheet|file|form|draft|paper|report|version|amended|updated"
    r"|revised|changed|corrected|new|latest|changes|edits|comments|with|and|as|discussed|requested|promised|for)"
    r"(?: |$))+"
    r"|(?:amended|updated|as (?:discussed|requested|promised))"
)
"""Words that only bring a file."""
_SIGNS_OFF = re.compile(
    r"(?i:(?:many |with )?thanks(?: again)?|thank you|cheers|ta|(?:kind(?:est)?|best|warm) regards|regards|all the best"
    r"|best wishes)[\s,.!\u2013-]+[A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]+)?(?: x+)?[.!]?|[A-Z][a-z]+ x+",
)
"""A closing and a name on one line, whoever signs so."""
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f'\u2019-]{2,}")
_SMALL_WORDS = """
    and of the for to in at on by officer manager lead team assistant analyst adviser advisor coordinator co-ordinator
    director head department office unit service services commissioner police crime council county borough district
    partnership partnerships community safety policy performance planning governance days
    day part-time working mobile direct dial tel telephone phone ext email web
"""
_OF_SIGNATURES = frozenset(_SMALL_WORDS.split())
"""Words that stand in small letters in the lines of a signature; the site's own lines stand in its lists."""
_NO_STOP = re.compile(
    r"stop\w{0,4}(?:\s*(?:[-\u2013/&+]|and|['\u2019]?n['\u2019]?)\s*|\s+)(?:and[\s-]+)?search\w*"
    r"|stop\W+(?:and\W+)?think\b.*?\bprint\w*",
    re.IGNORECASE,
)
"""Stop and search, and what signatures say about printing."""
_LOUD_STOP = re.compile(r"(?<![^\W_])(?<![-'\u2019])STOP(?![^\W_]|[-'\u2019]\w)")
_BARE_STOP = re.compile(r"^stop(?: (?:it|all|everything|sending|everything now|all sending|now))?$", re.IGNORECASE)
_ANSWERS = re.compile(r"^\s*(?:re|aw|sv|fwd?|wg|antw?|tr|odp|atb)\s*(?:\[\d+\])?:", re.IGNORECASE)
_OUR_TAG = "[CSP"


def list_own_lines(
    text: str, lists: Courtesies, names: Sequence[str], *, is_order: Callable[[str], bool]
) -> Iterator[tuple[str, str]]:
    """Each line that says something, with what it says: "" where no order may stand. Empty lines part them.

    Below a closing, and among what may be quoted, an order is not obeyed, and is said back all the same.
    """
    lines = [_UNSEEN.sub("", line).replace("\xa0", " ").strip() for line in text.splitlines()]
    lines = [line for line in lines if not _QUOTED.match(line) and not _PICTURE.match(line)]
    ends = next((at for at, line in enumerate(lines) if _MAY_QUOTE_ON.match(line)), len(lines))
    own = lines[:ends]
    while own and not _find_matter(own[0], lists):
        del own[0]
    signs = (*names, *(word[0] for name in names for word in name.split()))
    paragraphs = [list(group) for _, group in groupby(own, key=lambda line: not line)]
    added = [_is_added(paragraph, lists) for paragraph in paragraphs]
    written = "\n".join(line for one, is_added in zip(paragraphs, added, strict=True) if not is_added for line in one)
    kept = _without_own_signature(strip_furniture(written, lists, names=signs), lists, signs)
    for paragraph, is_added in zip(paragraphs, added, strict=True):
        for line in paragraph:
            if not line:
                yield "", ""
            elif kept and kept[0] == line:
                del kept[0]
                yield from ((line, _without_name(matter, names)) for matter in [_find_matter(line, lists)] if matter)
            else:
                yield from _keep_dropped(line, lists, signs, is_added=is_added, is_order=is_order)
    yield from ((line, "") for line in lines[ends:] if begins_like_order(line))


def _without_own_signature(text: str, lists: Courtesies, names: Sequence[str]) -> list[str]:
    """The lines that say something, without a signature that begins with the sender's name and no closing."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    own = {word for name in names for word in plain_words(name).split()} - _OF_SIGNATURES
    begins = next((at for at, line in enumerate(lines) if at and {*plain_words(line).split()[:1]} & own), len(lines))
    return [*lines[:begins], *(line for line in lines[begins:] if not _is_of_a_signature(line, lists, names))]


def _is_added(paragraph: Sequence[str], lists: Courtesies) -> bool:
    """Whether a server added a paragraph, or it is a marking: wherever it stands, nothing of it is left."""
    said = " ".join(paragraph)
    return bool(said) and not plain_words(said).startswith(lists.footers) and not strip_furniture(said, lists)


def _keep_dropped(
    line: str, lists: Courtesies, names: Sequence[str], *, is_added: bool, is_order: Callable[[str], bool]
) -> Iterator[tuple[str, str]]:
    """A line of a signature, or of a paragraph that a server added, where it may be neither."""
    is_loud = _LOUD_STOP.search(_NO_STOP.sub(" ", line)) and not is_added
    if is_loud or _BARE_STOP.match(strip_politeness(line)):
        yield line, line
    elif is_order(line) or not (_is_of_a_server(line) if is_added else _is_of_a_signature(line, lists, names)):
        yield line, ""


def _is_of_a_server(line: str) -> bool:
    return not _ORDER_AMONG_ADDED.match(line)


def _is_of_a_signature(line: str, lists: Courtesies, names: Sequence[str]) -> bool:
    """Whether a line below a closing is surely part of a signature; what only may be one is asked about."""
    sentences = [strip_politeness(sentence) for sentence in split_sentences(line)]
    if any(_LOUD_FIRST.match(one) or _SAYS_MORE.match(one) for one in sentences) or _DENIES.search(line):
        return False
    line = _PRONOUNS.sub("", line)
    said = plain_words(line)
    if (
        _SIGNS_OFF.fullmatch(line)
        or said.startswith(lists.footers)
        or not find_matter(line, lists)
        or said in lists.closings
    ):
        return True
    if _SPEAKS.search(line):
        return False
    own = {word for name in names for word in plain_words(name).split()}
    words = _WORD.findall(line)
    unknown = [word for word in words if word.lower() not in own and word.lower() not in _OF_SIGNATURES]
    is_mistyped = bool(unknown) and bool(get_close_matches(unknown[0].upper(), list(Verb), n=1, cutoff=0.75))
    is_title = all(word[0].isupper() for word in unknown) and (len(unknown) <= 2 or len(unknown) < len(words))
    return holds_particulars(line) or bool(_LABELLED_NUMBER.search(line)) or (is_title and not is_mistyped)


def _find_matter(line: str, lists: Courtesies) -> str:
    """What of a line says something. A greeting that holds an order is none."""
    says_nothing = only_agrees(line) or _ONLY_PRESENTS.fullmatch(plain_words(line)) or _SIGNS_OFF.fullmatch(line)
    matter = "" if says_nothing else " ".join(find_matter(line, lists))
    return matter or (line if _ANY_ORDER.search(line) else "")


def _without_name(matter: str, names: Sequence[str]) -> str:
    """A line without the sender's name where it follows thanks ("SEND, many thanks, Jane")."""
    words = "|".join(re.escape(word) for name in names for word in name.split()) or "(?!)"
    thanked = re.compile(
        rf"\b(please|thanks|thank you|regards|cheers|ta)(?:[\s,.!-]+(?:{words}))+[\s.]*$", re.IGNORECASE
    )
    return thanked.sub(r"\1", matter)


# STOP -----------------------------------------------------------------------------------------------


def halts(line: str, *, is_first: bool) -> bool:
    """Whether a line says STOP: in capitals, or as the first word of a reply or of a sentence."""
    said = _NO_STOP.sub(" ", unicodedata.normalize("NFKC", line))
    plain = strip_politeness(line)
    begins = re.match(r"stop(?![\w'\u2019-])", plain, re.IGNORECASE) and not _NO_STOP.match(plain)
    return bool(_LOUD_STOP.search(said) or (begins and (is_first or plain[0] == "S")))


def subject_halts(subject: str) -> bool:
    """Whether a subject of her own says STOP. Answers are called as what they answer."""
    if _ANSWERS.match(subject):
        return False
    return halts(subject if _OUR_TAG not in subject else subject.partition(" ")[0], is_first=True)


def message_halts(subject: str, text: str) -> bool:
    """Whether a message says STOP anywhere, before it is read line by line."""
    lines = [line for line in text.split("\n") if line.strip()]
    return subject_halts(subject) or any(halts(line, is_first=not at) for at, line in enumerate(lines))


def subject_bears_on_orders(subject: str) -> bool:
    """Whether a subject begins like an order, or may take one back ("Do not send yet")."""
    begins = _LOUD_FIRST.match(strip_politeness(subject))
    return bool(begins or _DENIES.search(subject) or _DO_NOT.search(subject))


def is_own_subject(subject: str) -> bool:
    """Whether she called her message so, and it is not called as what it answers."""
    return not _ANSWERS.match(subject) and _OUR_TAG not in subject
