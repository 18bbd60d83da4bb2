"""What a person says in a message: their own words, without what programs and servers put around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial

from csp_workflow.mail.authorship import find_own_passages, find_passed_on
from csp_workflow.mail.headers import safely
from csp_workflow.terms.messages import Courtesies, EnclosedMessage, IncomingMessage, Passage

_LONGEST = 20_000
_MOST_SAID = 4_000
_WORDS_KEPT = 5_000
_MORE = " [...] The rest stands in the message itself."
_FORWARDED = re.compile(
    r"^\s*(?:fwd?|wg|tr|rv|ymlaen)\s*:|^\W*(?:-{2,}\s*forwarded message|begin forwarded message:)",
    re.IGNORECASE | re.MULTILINE,
)


@lru_cache(maxsize=1_024)  # a site's phrases are asked for with each message
def plain_words(line: str) -> str:
    """A line's words in small letters with single spaces and without punctuation."""
    return re.sub(r"[\W_]+", " ", line).strip().casefold()


def read_words(
    message: IncomingMessage,
    lists: Courtesies,
    *,
    ours: Iterable[str] = (),
    our_names: Sequence[str] = (),
    names: Sequence[str] = (),
    others: frozenset[str] = frozenset(),
    subject: str = "",
) -> IncomingMessage:
    """The message with its sender's own words found in it, and those of the messages inside it. Never raises.

    `ours` is the text of the letters of ours that it answers or holds, as programs may show them, `our_names` are those
    by which a letter's head names us; `names` are those under which the sender may sign, `others` words that name
    something else; `subject` is what they wrote into the subject, which counts where nothing else says anything.
    """
    letters = tuple(ours)
    signed = (*names, message.sender_name, *_first_part(message.sender))
    find = partial(find_matter, lists=lists, names=signed, others=others)
    own, passages = _find_own(message.text, message.html_text, letters, lists, signed, others)
    matter = find(_join(passages))
    if subject and not (matter or message.attachments or message.enclosed or is_forwarded(message)):
        passages, matter = (Passage(text=subject), *passages), find(subject)
    answer = _join(passages)
    every: tuple[IncomingMessage | EnclosedMessage, ...] = (message, *message.enclosed)
    held = (part for one in every for part in _list_held(one, letters, our_names))
    enclosed = _find_said(held, plain_words(" ".join(matter)), letters, lists)
    return replace(message, own=own, passages=passages, answer=answer, matter=matter, enclosed=tuple(enclosed))


def _find_own(
    text: str,
    html_text: str,
    letters: Sequence[str],
    lists: Courtesies,
    signed: Sequence[str],
    others: frozenset[str] = frozenset(),
) -> tuple[str, tuple[Passage, ...]]:
    """The words that are somebody's own, and the same without what programs and servers put around them.

    Where the plain words say nothing, or less, the HTML's count: gateways add a plain part.
    """
    nothing: tuple[Passage, ...] = ()
    found = [
        safely(lambda body=body: find_own_passages(body, ours=letters), nothing)  # type: ignore[misc]
        for body in (text, html_text)
    ]
    plain, html = (tuple(_without_furniture(one, lists, signed, others)) for one in found)
    is_html = _says_more(html, plain, lists)
    return _join(found[is_html]), html if is_html else plain


def _list_held(
    one: IncomingMessage | EnclosedMessage, letters: Sequence[str], our_names: Sequence[str]
) -> Iterator[EnclosedMessage]:
    """A message inside, and what it passes on in its own text."""
    if isinstance(one, EnclosedMessage):
        yield one
    if is_forwarded(one):
        passed = safely(lambda: find_passed_on(one.text, ours=letters, our_names=our_names), "")
        yield EnclosedMessage(text=passed, is_quoted=True)


def _find_said(
    held: Iterable[EnclosedMessage], known: str, letters: Sequence[str], lists: Courtesies
) -> Iterator[EnclosedMessage]:
    """What is held, each with its lines that say something and are not known from what stands around it, however that
    is wrapped: winmail.dat says all of its message once more."""
    for one in held:
        _, passages = _find_own(one.text, one.html_text, letters, lists, (one.sender,))
        lines = find_matter(_join(passages), lists)
        matter = tuple(line for line in lines if f" {plain_words(line)} " not in f" {known} ")
        known = plain_words(" ".join((known, *matter)))
        yield replace(one, matter=matter)


def _join(passages: Iterable[Passage]) -> str:
    return "\n\n".join(passage.text for passage in passages)[:_LONGEST]


def say_passages(passages: Iterable[Passage]) -> str:
    """Somebody's words as a reader needs them: an answer between quoted lines below the line that it answers."""
    return "\n\n".join(f"To \u201c{p.beside}\u201d:\n{p.text}" if p.beside else p.text for p in passages)


def say_words(message: IncomingMessage) -> str:
    """What its sender wrote and what came inside it, as a reader needs them; "" where a message says nothing new."""
    said = (say_passages(message.passages)[:_WORDS_KEPT], *map(say_enclosed, message.enclosed))
    return "\n\n".join(filter(None, said))


def say_enclosed(one: EnclosedMessage) -> str:
    """What a message inside says, as a reader needs it; "" where it says nothing new."""
    by = f" of {one.sender}" if one.sender else ""
    named = f" \u201c{one.subject}\u201d" if one.subject else ""
    where = "In the message that was passed on:" if one.is_quoted else f"In the attached message{named}{by}:"
    said = "\n".join(one.matter)
    return f"{where}\n{said[:_MOST_SAID]}{_MORE if len(said) > _MOST_SAID else ''}" if said else ""


def is_forwarded(message: IncomingMessage | EnclosedMessage) -> bool:
    """Whether a message passes on somebody else's."""
    return bool(_FORWARDED.search(f"{message.subject}\n{message.text}"))


def _first_part(address: str) -> tuple[str, ...]:
    return (address.partition("@")[0].replace(".", " "),) if address else ()


def _without_furniture(
    said: Iterable[Passage], lists: Courtesies, names: Sequence[str], others: frozenset[str]
) -> Iterator[Passage]:
    strip = partial(strip_furniture, lists=lists, names=names, others=others)
    for passage in said:
        if text := safely(lambda text=passage.text: strip(text), passage.text):  # type: ignore[misc]
            yield replace(passage, text=text)


def _says_more(html: Sequence[Passage], plain: Sequence[Passage], lists: Courtesies) -> bool:
    in_html, in_plain = (
        {word for passage in said for line in find_matter(passage.text, lists) for word in plain_words(line).split()}
        for said in (html, plain)
    )
    return in_html > in_plain


# What of a person's own words says nothing (greetings, thanks, signatures, disclaimers ...), and what reserves


_LONGEST_NAME = 4
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_POSTSCRIPT = re.compile(
    r"^(?:p\.? ?s\b|n\.?b\b|(?:note|btw|also|please|but|however|not|except|excluding|apart from|minus|pending|"
    r"subject to|correction|sorry|call me|ring me|speak to|do not|don.t|only|before|after|until|unless|if|p\.? ?p|"
    r"per pro|(?:for and )?on behalf of)\b|(?:[a-z]+\.)?[a-z]\d{1,2}(?:\.\d+)?\b\W*\d[\d,.]*\W*$)",
    re.IGNORECASE,
)
"""What begins words below a signature, a figure and who signed for somebody among them."""

_REPORTS = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|must|should|needs?|to be|to follow|to come|not|no longer)\b"
    r"(?!['\u2019])"
)
"""Small letters that only a sentence has: "L2 is wrong", "Harborough to follow"."""

_OF_MAIL = re.compile(r" (?:e ?mails?|messages?|virus(?:es)?|recipients?|neges|bost|registered) ")
_RULE = re.compile(r"^(?:[^\w\u2600-\u27bf\U0001f000-\U0001faff]|_)+$")
_THANKING_SIGNS = re.compile(
    r"[\s.!\ufe0f\u200d\U0001f3fb-\U0001f3ff\u2705\u2714\u2764\U0001f389\U0001f44c\U0001f44d\U0001f44f"
    r"\U0001f600-\U0001f60a\U0001f642\U0001f64f]+"
)
"""Signs that do no more than thank: a thumb up, a smile, folded hands."""

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_SIGNED = re.compile(
    r"(?:\s[-\u2013\u2014]{1,2}\s?|[,.!]\s(?P<closing>[^\W\d][^\W\d ]*(?: [^\W\d]+)*?),?\s)(?P<name>[^\W\d]\S*)$"
)
_ABOUT_THEM = re.compile(r"\s*(?:\||[(\[]?\b(?:she|he|they)(?: ?/ ?\w+)+[)\]]?)", re.IGNORECASE)
"""What stands behind a name in a signature: "Ann Jones | Director", "Ann Jones (she/her)"."""

_SIGNATURE_MARK = re.compile(r"^(?:-- ?|_{2,}|-{3,}|\u2014{2,})$")
_PARTICULARS = re.compile(
    r"@|\bwww\.|https?:|(?:\+44|\b0)[\d ()/-]{8,}|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
    r"|^(?:t|tel|telephone|m|mob|mobile|e|email|e-mail|w|web|f|fax|ext|phone|direct|twitter|pronouns)\b ?[.:|]",
    re.IGNORECASE,
)
_BETWEEN = {"and", "or", "of", "the", "to", "all", "both", "everyone", "everybody", "team", "there", "colleague",
            "colleagues", "sir", "madam", "co-ordinator", "coordinator", "again", "both,"}  # fmt: skip
_NO_NAMES = frozenset(
    plain_words(
        "except but not no never subject unless until if when once after before without only pending provisional draft "
        "hold stop send clear circulate close wait later sorry please change amend correct remove add see call ring "
        "approved approve yes nil declined decline agreed confirmed noted thanks ok all none both this that the "
        "today tomorrow partially partly conditionally mostly mainly provisionally confidential minus plus"
    ).split()
)
"""Words that may stand alone, in capitals too, and are nobody's name."""

_TITLES = frozenset(
    plain_words(
        "mr mrs ms miss mx dr prof professor rev sir dame lord lady cllr councillor alderman cynghorydd cyng "
        "pc sgt insp inspector supt mp obe mbe cbe jp qpm dl ba ma bsc msc phd"
    ).split()
)
"""What stands before and after a name."""

_PICTURE = re.compile(
    r"\[(?:cid:|image:|description:|logo)[^\[\]\n]{0,200}\]|<?\bimage\d{3}\.\w{3,4}\b>?", re.IGNORECASE
)
"""What programs write in plain words where a picture stands."""

_ENDS_GREETING = re.compile(
    r"(?:[,!:;\u2013]|-(?!\w)|(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bCllr)(?<!\bProf)(?<!\bRev)(?<!\bSt)(?<!\b\w)\.)"
    r"[\s,.!:;\u2013-]*",
    re.IGNORECASE,
)
"""Not the hyphen of "Anne-Marie" and "Co-ordinator", nor the full stop of "Dr. Smith" and "J. Smith"."""


@cache
def _greeting(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """What begins a greeting."""
    spaced = ("[ \\xa0,]+".join(map(re.escape, p.split())) for p in sorted(phrases, key=len, reverse=True))
    return re.compile(rf"\s*(?:{'|'.join(spaced) or '(?!)'})(?![\w'\u2019])", re.IGNORECASE)


@cache
def _thanking(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """What stands in words that only thank."""
    listed = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
    return re.compile(rf"(?:{listed or '(?!)'})(?: |$)")


def holds_any(text: str, phrases: Sequence[str]) -> bool:
    """Whether one of some phrases stands in a text, as whole words."""
    said = f" {plain_words(text)} "
    return any(f" {phrase} " in said for phrase in phrases)


def split_sentences(line: str) -> list[str]:
    """A line's sentences, each with its closing mark."""
    return _SENTENCE.split(line)


def strip_furniture(
    text: str, lists: Courtesies, *, names: Sequence[str] = (), others: frozenset[str] = frozenset()
) -> str:
    """Words without what programs, gateways and servers put around them, and without the signature.

    `names` are the sender's, as registered and as they write under; an address's first part does too. `others` are
    words that name something else.
    """
    written = (_PICTURE.sub("", line) for line in text.split("\n"))
    lines = _without_banner([line for line in written if not _is_marking(line, lists)], lists)
    lines = _without_disclaimers(lines, lists)
    tokens = _tokens_of(names)
    begins = (at for at in range(len(lines)) if _begins_signature(at, lines, lists, tokens, others))
    at = next(begins, len(lines))
    kept = [*lines[:at], *_list_sentences(_without_disclaimers(lines[at:], lists, is_below=True), lists)]
    words = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    is_signature = plain_words(words) in lists.closings and not only_thanks(words, lists)
    return "" if is_signature else words


def find_matter(
    words: str, lists: Courtesies, *, names: Sequence[str] = (), others: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The lines of somebody's words that say something: without greetings, thanks, and a name of theirs below."""
    return tuple(filter(None, _matters(words.split("\n"), lists, _tokens_of(names), others)))


def _matters(lines: Sequence[str], lists: Courtesies, names: frozenset[str], others: frozenset[str]) -> Iterator[str]:
    begun = False
    for line in lines:
        signed = _SIGNED.search(line.strip())
        closes = signed and (signed["closing"] is None or plain_words(signed["closing"]) in lists.closings)
        is_signed = (
            signed and closes and (plain_words(signed["name"]) in names or _is_signed_by(signed["name"], others))
        )
        said = line.strip()[: signed.start()] if signed and is_signed else line.strip()
        if not begun:
            said = _without_greeting(said, lists)
        said = " ".join(s for s in split_sentences(said) if s and not only_thanks(s, lists))
        if said and not _RULE.match(said):
            begun = True
            yield said


def only_thanks(sentence: str, lists: Courtesies) -> bool:
    """Whether a sentence is nothing but thanks of the list, one after another, or a thumb up."""
    said = plain_words(sentence)
    if not said or "?" in sentence:
        return bool(_THANKING_SIGNS.fullmatch(sentence) and not _RULE.match(sentence))
    while match := _thanking(lists.thanks).match(said):
        said = said[match.end() :]
    return not said


def strip_links(text: str) -> str:
    """Words without the links between them."""
    return _LINK.sub(" ", text)


def reserves(sentence: str, lists: Courtesies) -> bool:
    """Whether a sentence asks, reserves or corrects something, as far as its words tell."""
    words = strip_links(sentence)
    return "?" in words or holds_any(words, lists.reservations)


def _without_greeting(line: str, lists: Courtesies) -> str:
    """A line without the greeting that begins it; what follows the greeting's comma stays."""
    found = _greeting(lists.greetings).match(line)
    if not found:
        return line
    rest = line[found.end() :].strip(" \xa0")
    if not rest:
        return ""
    ends = _ENDS_GREETING.search(rest)
    named, after = (rest[: ends.start()], rest[ends.end() :]) if ends else (rest, "")
    words = named.split()
    is_named = len(words) <= _LONGEST_NAME and all(w[:1].isupper() or w.casefold() in _BETWEEN for w in words)
    return after.strip() if is_named else line


def _is_marking(line: str, lists: Courtesies) -> bool:
    said = plain_words(line)
    return bool(said) and said in lists.markings


def _without_banner(lines: list[str], lists: Courtesies) -> list[str]:
    """A gateway's warning above the words: the lines of its paragraph that speak of senders, links and content."""
    while lines and (not lines[0].strip() or _RULE.match(lines[0].strip())):
        lines = lines[1:]
    if not lines or not _begins_banner(lines, lists):
        return lines
    at = 1
    while at < len(lines) and lines[at].strip() and _speaks_like_a_banner(lines[at], lists):
        at += 1
    return _without_banner(lines[at:], lists)


def _begins_banner(lines: Sequence[str], lists: Courtesies) -> bool:
    """Whether the first line warns: it begins like a banner, and goes on like one or is all there is of it."""
    said = plain_words(lines[0])
    begun = max((one for one in lists.banners if said.startswith(one)), key=len, default="")
    rest = said.removeprefix(begun).strip()
    below = next(iter(lines[1:]), "")
    is_short = len(rest.split()) <= 2 and (not below.strip() or _speaks_like_a_banner(below, lists))
    return bool(begun) and (not rest or holds_any(rest, lists.banner_words) or is_short)


def _speaks_like_a_banner(line: str, lists: Courtesies) -> bool:
    return holds_any(line, lists.banner_words) or bool(_RULE.match(line.strip()))


# Signatures -------------------------------------------------------------------------------------------


def _list_sentences(signature: Iterable[str], lists: Courtesies) -> Iterator[str]:
    """What stands in a signature and is no part of one."""
    yield from (line for line in signature if not line.strip() or _is_sentence(line, lists))


def _begins_signature(
    at: int, lines: Sequence[str], lists: Courtesies, names: frozenset[str], others: frozenset[str]
) -> bool:
    said, line = plain_words(lines[at]), lines[at].strip()
    if _SIGNATURE_MARK.match(line) or (said and said.startswith(lists.footers)):
        return True
    if said in lists.closings:
        # Thanks that are all there is are words, and so are those that begin a message below its greeting.
        begins = _without_greeting if said in lists.thanks else lambda above, _: above
        return any(plain_words(begins(above.strip(), lists)) for above in lines[:at])
    # A closing and a name on one line, or a name alone.
    closing = next((c for c in lists.closings if said.startswith(f"{c} ")), "")
    named = _ABOUT_THEM.split(line)[0]
    rest = [word for word in plain_words(named).removeprefix(closing).split() if word not in _TITLES]
    is_theirs = bool(rest) and len(rest) <= _LONGEST_NAME and names.issuperset(rest)
    return (is_theirs and (bool(closing) or at > 0)) or _is_last_name(at, lines, lists, others)


def _is_last_name(at: int, lines: Sequence[str], lists: Courtesies, others: frozenset[str]) -> bool:
    """Whether a line is the last, stands apart below others, and reads like a name: "Sam", "Jo Smith", "J.S.".

    What a program adds may stand below it, and anything below a name with an office or a pronoun behind it.
    """
    line = lines[at].strip()
    words = [word for word in _ABOUT_THEM.split(line)[0].split() if plain_words(word) not in _TITLES]
    below = next((plain_words(line) for line in lines[at + 1 :] if line.strip()), "")
    behind = _ABOUT_THEM.split(line)[1:]
    is_title = not any(word.islower() and word not in _BETWEEN for word in " ".join(behind).split())
    is_told = len(words) > 1 and bool(behind) and is_title
    is_apart = at > 1 and not lines[at - 1].strip() and (is_told or not below or below.startswith(lists.footers))
    is_other = any(plain_words(word) in others for word in words)
    return is_apart and 0 < len(words) <= 2 + is_told and all(map(_may_be_name, words)) and not is_other


def _is_signed_by(word: str, others: frozenset[str]) -> bool:
    """Whether a word behind a dash reads like somebody's name: "Approved - Sam", not "Approved - Partially"."""
    plain = plain_words(word)
    return _may_be_name(word) and plain not in others and not plain.endswith("ly")


def _may_be_name(word: str) -> bool:
    plain = plain_words(word)
    is_capital = word[:1].isupper() and (word[1:].islower() or len(plain) <= 3)
    return is_capital and plain not in _NO_NAMES and not any(map(str.isdigit, word)) and not word.endswith(("?", ":"))


def holds_particulars(line: str) -> bool:
    """Whether a line has an address, a number or a link, as lines of a signature have."""
    return bool(_PARTICULARS.search(line))


def _is_sentence(line: str, lists: Courtesies) -> bool:
    """Whether a line in a signature is no part of it: a question, a postscript, a reservation, or a sentence of some
    length."""
    said = line.strip()
    plain = plain_words(said)
    if not plain or plain in lists.closings or plain.startswith(lists.footers):
        return False
    is_told = said.endswith("?") or _POSTSCRIPT.match(said) or _REPORTS.search(said)
    if is_told or plain in lists.reservations:
        return True
    words = said.split()
    lower = sum(word[:1].islower() for word in words)
    return not holds_particulars(said) and len(words) >= 5 and 2 * lower >= len(words)


def _without_disclaimers(lines: Sequence[str], lists: Courtesies, *, is_below: bool = False) -> list[str]:
    """Lines without the paragraphs that a mail server adds; `is_below` where they stand in a signature."""
    kept: list[str] = []
    paragraph: list[str] = []
    for line in (*lines, ""):
        if line.strip():
            paragraph.append(line)
            continue
        if not _is_disclaimer(" ".join(paragraph), lists, is_below=is_below):
            kept.extend(paragraph)
        kept.append("")
        paragraph = []
    return kept


def _is_disclaimer(said: str, lists: Courtesies, *, is_below: bool) -> bool:
    """Whether a paragraph sounds like one in two ways, or in one and speaks of the mail or stands in a signature."""
    plain = f" {plain_words(said)} "
    marks = sum(f" {phrase} " in plain for phrase in lists.disclaimers)
    return "?" not in strip_links(said) and (marks > 1 or (marks > 0 and (is_below or bool(_OF_MAIL.search(plain)))))


def _tokens_of(names: Sequence[str]) -> frozenset[str]:
    """The words of the sender's names, with the initials of each."""
    words = [plain_words(name).split() for name in names]
    return frozenset({w for one in words for w in one} | {"".join(w[0] for w in one) for one in words if one})
