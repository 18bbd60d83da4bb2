"""The catalogue of letters: every kind once, with the function that writes it, and its words from its templates.

To add a letter:

1. Write its function in the module it belongs to, marked with `@writes(Kind(...))`. The mark says its folder, how it
   leaves, who may get it, what it must be about, on what ground it stands, and whether it goes on with a conversation.
   A new module is named in `_MODULES` below.
2. Lay its folder in templates/emails: subject.txt, body.txt, body.html.
3. Make a rule call the function, and let a scene of `rehearsal.specimens` play that rule, so that it can be seen.

A function without a folder, or a folder without a function, is an error at start; tests/specimens fails for a kind
that no scene plays. A new `Ground` needs a rule in `post.leaving` and `chase.grounds`, which do not load without it.

Rendering is pure; the wiring reads the files. The news stands first in each subject, with our sealed tag at the end: a
list of letters on a phone shows some forty characters of it. In-Reply-To and References keep letters together; only a
person's own words keep the other's subject.
"""

from __future__ import annotations

import hmac
import re
import textwrap
from base64 import b32encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from types import ModuleType
from typing import Any, TypeAlias, TypeVar

import css_inline
from jinja2 import FunctionLoader, StrictUndefined, TemplateError, TemplateNotFound, Undefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from csp_workflow.letters import (
    answers,
    before_clearance,
    certificates,
    chases,
    contacts,
    disputes,
    measures,
    morning,
    office,
    papers,
    proofs,
    requests,
    topics,
)
from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Writer
from csp_workflow.mail.compose import OutgoingMessage, clean_text, put_on_one_line
from csp_workflow.terms import phrases
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Letter, Manner
from csp_workflow.terms.site import Office

_MODULES: tuple[ModuleType, ...] = (
    *(requests, chases, answers, contacts, office, morning, papers, before_clearance, topics, disputes),
    *(measures, proofs, certificates),
)

R = TypeVar("R")


def _gather(modules: Iterable[ModuleType]) -> dict[str, Writer[Any]]:
    writers = [found for module in modules for found in vars(module).values() if isinstance(found, Writer)]
    gathered = {writer.kind.name: writer for writer in writers}
    if len(gathered) < len(writers):
        names = [writer.kind.name for writer in writers]
        raise ValueError(f"Two functions write the letter '{next(n for n in names if names.count(n) > 1)}'.")
    return gathered


WRITERS: Mapping[str, Writer[Any]] = _gather(_MODULES)
"""The function that writes each kind of letter, by the kind's name."""


def kind_of(name: str) -> Kind:
    """The kind of a letter; for a name that no function writes (any more) one that nobody may get."""
    writer = WRITERS.get(name)
    return writer.kind if writer else Kind(name=name, manner=Manner.OFFICE, audience=Audience.NOBODY)


def first_letters(conversation: Conversation) -> tuple[str, ...]:
    """The names of the kinds that begin a conversation."""
    return tuple(name for name, writer in WRITERS.items() if writer.kind.begins is conversation)


def folder_faults(folders: Iterable[str]) -> tuple[str, ...]:
    """What does not fit between the functions and the folders of templates/emails, a sentence for each."""
    present = set(folders)
    return (
        *(f"templates/emails/{name}: the folder of this letter is missing." for name in WRITERS if name not in present),
        *(
            f"templates/emails/{name}: no function writes a letter of this name."
            for name in sorted(present - set(WRITERS))
        ),
    )


def rules_by_ground(rules: Mapping[Ground, R]) -> Mapping[Ground, R]:
    """The rules, of which there must be one for each ground. Raises ValueError with the ground that has none."""
    lacking = [ground.name for ground in Ground if ground not in rules]
    if lacking:
        raise ValueError(f"There is no rule for the ground {lacking[0]}.")
    return rules


# How a letter is rendered ---------------------------------------------------------------------------

PARTS = ("subject.txt", "body.txt", "body.html")
"""The files every letter's folder holds."""

RESERVED = ("recipient_name", "office", "quarter", "marking", "illustrative", "for_office", "subject_line", "tag")
"""Names every template may use; no fact may be called so."""

# Jinja's trim_blocks also eats the line end after a tag that ends a sentence. Here only a line that holds nothing but
# tags leaves nothing behind; its line end goes into a comment, so that faults still name the right line.
_TAGS_ALONE = re.compile(r"^[ \t]*((?:(?:\{%(?:(?!%\}).)*%\}|\{#(?:(?!#\}).)*#\})[ \t]*)+)\n", re.MULTILINE | re.DOTALL)

WIDTH = 72
"""Characters a line of plain text may have, so that it survives quoting."""

_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_MARKER = re.compile(r"^(\s*(?:(?:[-*•]|\d{1,2}[.)])\s+)?)")


def paragraphs(text: str) -> Markup:
    """Several lines of somebody's writing as HTML paragraphs, escaped; for body.html only."""
    lines = [line.strip() for line in str(text).splitlines()]
    return Markup("").join(Markup("<p>{}</p>").format(escape(line)) for line in lines if line)


_SAYING: tuple[Callable[..., Any], ...] = (
    phrases.day, phrases.weekday, phrases.short_day, phrases.clock, phrases.moment, phrases.number, phrases.words,
    phrases.plural, phrases.joined, phrases.capital, paragraphs,
)  # fmt: skip
_FILTERS: Mapping[str, Callable[..., Any]] = {say.__name__: say for say in _SAYING} | {"figure": phrases.say_figure}
"""Every filter a template may use, beside Jinja's own."""

Environment: TypeAlias = SandboxedEnvironment
"""The templates of a site, ready to write letters with; made by `environment`."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A letter's words: one line of subject with its tag, plain text wrapped at 72, and one HTML document."""

    subject: str
    text: str
    html: str


class LetterNotRendered(Exception):
    """A letter's templates do not fit its facts: the sentence names the letter, the file and the cause."""

    def __init__(self, kind: str, file: str, cause: str) -> None:
        super().__init__(f"The letter '{kind}' cannot be written: templates/emails/{file}: {cause}")
        self.kind, self.file, self.cause = kind, file, cause


def environment(templates: Mapping[str, str]) -> SandboxedEnvironment:
    """The templates of a site, by name below templates/emails ("request/body.txt", "_layout.html").

    The same templates give the same environment: compiling them costs more than all that is written with them.
    """
    return _compiled(frozenset(templates.items()))


@lru_cache(maxsize=4)
def _compiled(files: frozenset[tuple[str, str]]) -> SandboxedEnvironment:
    templates = dict(files)

    def load(name: str) -> tuple[str, str, None] | None:
        return (_TAGS_ALONE.sub(r"\1{#\n#}", templates[name]), name, None) if name in templates else None

    made = SandboxedEnvironment(
        loader=FunctionLoader(load),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html")),
        cache_size=-1,
    )
    made.filters.update({name: _of_known(said) for name, said in _FILTERS.items()})
    return made


def render(
    letter: Letter,
    office: Office,
    *,
    environment: SandboxedEnvironment,
    key: bytes = b"",
    marking: str = "",
    illustrative: bool = False,
    conversation: str = "",
) -> Rendered:
    """Write a letter; `key` seals its subject's tag (a letter only shown needs none).

    `conversation` is the subject of what it answers in a person's own words.

    Raises LetterNotRendered when a file, a name or a filter does not fit.
    """
    taken = [name for name in RESERVED if name in letter.facts]
    if taken:
        raise LetterNotRendered(letter.kind, f"{letter.kind}/", f"a fact may not be called '{taken[0]}'.")
    written = _part(letter, "subject.txt", environment, _names(letter, office))
    end = make_tag(letter.quarter, letter.facts.get("codes", ()), key=key)
    own, topic = write_subject(written, end, marking=marking), find_topic(conversation)
    names = _names(letter, office) | {"marking": marking, "illustrative": illustrative}
    names |= {"subject_line": own, "tag": end}
    text = wrap_text(straighten_quotes(_part(letter, "body.txt", environment, names)))
    return Rendered(
        subject=continue_subject(topic, end, marking=marking) if topic else own,
        text=f"{marking}\n\n{text}" if marking else text,
        html=_inliner().inline(_part(letter, "body.html", environment, names)),
    )


def address_letter(
    letter: Letter, rendered: Rendered, *, office: Office, message_id: str, date: datetime, thread: Sequence[str] = ()
) -> OutgoingMessage:
    """The message that carries a letter's words from the office to its recipient.

    `thread` holds the Message-IDs of the conversation it goes on with, oldest first; `date` is an aware instant.
    """
    return OutgoingMessage(
        sender=office.mailbox,
        sender_name=office.name,
        recipient=letter.recipient,
        recipient_name=letter.recipient_name,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=message_id,
        date=date,
        files=letter.attachments,
        thread=(*thread, letter.answers) if letter.answers else tuple(thread),
        headers=_words_to_machines(letter),
    )


def _words_to_machines(letter: Letter) -> tuple[tuple[str, str], ...]:
    """What other machines are told. A request may bring an out-of-office answer back, for it tells us who is away."""
    if kind_of(letter.kind).is_request:
        return (("X-Auto-Response-Suppress", "DR, RN, NRN, AutoReply"),)
    if kind_of(letter.kind).recall:
        return ()  # a person wrote it
    kind = "auto-replied" if letter.manner is Manner.ANSWER else "auto-generated"
    return (("Auto-Submitted", kind), ("X-Auto-Response-Suppress", "All"))


def faults(templates: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with a set of templates before any letter is written: missing files, bad syntax."""
    folders = sorted({name.split("/")[0] for name in templates if "/" in name})
    wanted = [f"{folder}/{part}" for folder in folders for part in PARTS]
    missing = [f"templates/emails/{name}: this file is missing." for name in wanted if name not in templates]
    made = environment(templates)
    return (*missing, *filter(None, (_syntax_fault(made, name) for name in sorted(templates))))


def _of_known(said: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that names what is missing, where it would else fail on the missing thing's type."""

    def known(value: object, *more: object, **options: object) -> Any:
        if isinstance(value, Undefined):
            str(value)  # raises UndefinedError, which says the name
        return said(value, *more, **options)

    return known


def _names(letter: Letter, office: Office) -> dict[str, Any]:
    always = {
        "recipient_name": letter.recipient_name,
        "office": office,
        "quarter": letter.quarter,
        "marking": "",
        "illustrative": False,
        "for_office": letter.manner is Manner.OFFICE,
    }
    return {"passed_on": "", **letter.facts, **always}


def _part(letter: Letter, part: str, made: SandboxedEnvironment, names: Mapping[str, Any]) -> str:
    file = f"{letter.kind}/{part}"
    try:
        return clean_text(made.get_template(file).render(names))
    except TemplateNotFound as fault:
        raise LetterNotRendered(letter.kind, file, f"the file '{fault.name}' does not exist.") from fault
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as fault:
        raise LetterNotRendered(letter.kind, _where(fault, file), f"{fault}.".replace("..", ".")) from fault


def _where(fault: BaseException, file: str) -> str:
    """The template and line a fault arose in: Jinja puts them into the traceback under the template's name."""
    found, step = file, fault.__traceback__
    while step:
        if "__jinja_exception__" in step.tb_frame.f_globals or "__jinja_template__" in step.tb_frame.f_globals:
            found = f"{step.tb_frame.f_code.co_filename} line {step.tb_lineno}"
        step = step.tb_next
    return found


def _syntax_fault(made: SandboxedEnvironment, name: str) -> str:
    try:
        made.get_template(name)
    except TemplateError as fault:
        return f"templates/emails/{name} line {getattr(fault, 'lineno', 0)}: {fault.message}"
    return ""


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    # Many mail programs drop <style>; only the rules for small screens stay there. It never looks at the network.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


# Plain text ------------------------------------------------------------------------------------


def straighten_quotes(text: str) -> str:
    """The text with straight quotation marks, as plain text has them throughout."""
    return text.translate(_STRAIGHT)


def wrap_text(text: str) -> str:
    """Plain text with long lines broken at about 72 and never more than one empty line together.

    Lines are never joined; a broken list item hangs under its own text.
    """
    lines = (line.rstrip() for line in text.strip().splitlines())
    return re.sub("\n{3,}", "\n\n", "\n".join(_wrap_line(line) for line in lines)) + "\n"


_ORDER = re.compile(r"\s*(?:Reply:|or:)\s+[A-Z]{2,} |(?:CONTACT|ADDRESS OK) \S")
"""A line that is copied into a reply: broken in two, it would be two orders."""


@lru_cache(maxsize=1_024)  # most long lines are a template's, and the same in each letter
def _wrap_line(line: str) -> str:
    if len(line) <= WIDTH or _ORDER.match(line):
        return line
    marker = _MARKER.match(line)
    hang = " " * min(len(marker[1]) if marker else 0, WIDTH // 2)
    return textwrap.fill(
        line, WIDTH, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )


# Subject lines ----------------------------------------------------------------------------------

LONGEST_SUBJECT = 200

_SEAL_LENGTH = 6
_TAG = re.compile(
    r"\[CSP(?: (?P<quarter>\d{4}/\d{2}-Q[1-4]))?(?P<codes>(?: [A-Z0-9-]{2,16}){0,12})(?: #(?P<seal>[A-Z2-7]{6}))?\]",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"^\s*(?:(?:re|fw|fwd|aw|antw|wg)\s*(?:\[\d+\])?\s*:|\[(?:external|ext|cjsm)\])\s*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Tag:
    """What a tag with our seal names: the quarter (None: none) and respondents' codes."""

    quarter: Quarter | None
    codes: tuple[str, ...]


def make_tag(quarter: Quarter | None, codes: Sequence[str] = (), *, key: bytes) -> str:
    """The mark at a subject's end by which people and mail rules find the cycle: "[CSP 2014/15-Q2 CHARN #7K3M2Q]".

    Nobody without the key can make one up: a reply is filed by it.
    """
    said = " ".join(("CSP", *([quarter.key] if quarter else []), *codes))
    return f"[{said} #{_seal(said, key)}]"


def find_tag(subject: str, *, key: bytes) -> Tag | None:
    """The tag of ours in a subject that came in, or None when there is none with our seal."""
    for match in _TAG.finditer(subject):
        said = match[0][1:-1].rpartition(" #")[0].upper()
        if match["seal"] and hmac.compare_digest(match["seal"].upper(), _seal(said, key)):
            quarter = Quarter.parse(match["quarter"].upper()) if match["quarter"] else None
            return Tag(quarter=quarter, codes=tuple(match["codes"].upper().split()))
    return None


def strip_tag(subject: str) -> str:
    """A subject without any tag like ours."""
    return " ".join(_TAG.sub("", subject).split())


def find_topic(subject: str) -> str:
    """What a conversation is called: a subject without tag, "RE:", "FW:" and a gateway's "[EXTERNAL]"."""
    plain = strip_tag(put_on_one_line(subject))
    while match := _BEFORE.match(plain):
        plain = plain[match.end() :]
    return plain.strip()


def write_subject(written: str, end: str, *, marking: str = "") -> str:
    """A letter's own subject: the marking, its words (cut where they are too long), its tag."""
    return _cut(f"{marking}: " if marking else "", written, end)


def continue_subject(conversation: str, end: str, *, marking: str = "") -> str:
    """The subject of a letter that goes on with a conversation: "RE: " and what it is called."""
    start = f"{marking}: " if marking else ""
    return _cut(f"RE: {start}", conversation.removeprefix(start), end)


def _cut(prefix: str, words: str, end: str) -> str:
    room = max(LONGEST_SUBJECT - len(end) - len(prefix) - 1, 20)
    plain = put_on_one_line(words)
    short = plain if len(plain) <= room else f"{plain[: room - 1].rstrip()}…"
    return put_on_one_line(f"{prefix}{short} {end}")


def _seal(said: str, key: bytes) -> str:
    return b32encode(hmac.digest(key, b"csp-subject\0" + said.upper().encode(), sha256)).decode("ascii")[:_SEAL_LENGTH]
