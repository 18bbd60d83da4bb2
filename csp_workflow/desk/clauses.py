"""Reading one clause of an order by its word: for whom, until when, why. What is left over is asked about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from csp_workflow.desk.asking import WRITE as WRITE_ASKING
from csp_workflow.desk.asking import AskingNotRead, read_asking
from csp_workflow.desk.commands import Command, Verb, find_sent_apart, is_unfilled
from csp_workflow.desk.names import Directory, NotFound, read_code
from csp_workflow.desk.numbered import split_id, split_numbers
from csp_workflow.desk.persons import WRITE, PersonNotRead, read_person
from csp_workflow.desk.reasons import BECAUSE, DENIES, ORDER_INSIDE, ReasonNotRead, read_reason
from csp_workflow.desk.records import WRITE_CALL, AbsenceNotRead, CallNotRead, Served, read_absence, read_call
from csp_workflow.terms.messages import STRANGERS
from csp_workflow.terms.phrases import day as full_day
from csp_workflow.terms.site import is_address
from csp_workflow.terms.written_days import DayNotRead, split_day, split_longer

_EVERYTHING = re.compile(
    r"^(?:all|everything|everyone|everybody|it|them|(?:all )?(?:the )?(?:sending|letters|e-?mails)|the lot)$",
    re.IGNORECASE,
)
_PUBLIC = re.compile("(?i)(?:for )?(?:the )?public$")
_ADDED = {Verb.RELEASE: _EVERYTHING, Verb.HELP: _EVERYTHING, Verb.DASHBOARD: _PUBLIC}
_REQUESTS = re.compile(
    r"^(?:(?:it|them|these|those|all|everything|(?:it|them) all|all of (?:it|them)|(?:all )?(?:of )?(?:the )?"
    r"(?:requests?|letters|forms|proofs?|proof pack|e-?mails|lot))\b)?\s*(?:to (?:all|everyone|everybody)\b)?\s*"
    r"(?:out|off|now|at once|asap|straight ?away|as (?:it is|they are|is|proved|shown))?$",
    re.IGNORECASE,
)
_TO = re.compile(r"^(?:(?:it|that|this|the (?:request|letter|form)) )?(?:to|for|of)\s+", re.IGNORECASE)
_EXTRACT = re.compile(
    r"^(?:(?:(?:the )?(?:request|letter|form|proof) )?(?:to|for|of) )?(?:the )?(?:force['\u2019]?s? )?"
    r"(?:extract|analyst)(?:['\u2019]s)?(?: (?:request|letter|form|proof))?(?: now)?$",
    re.IGNORECASE,
)
"""How the request for the extract is called."""
FARTHEST = timedelta(days=183)
ALL = "all"
"""Of everything that an order may be about, where it is about some of it otherwise."""
NOBODY = "nobody"
"""To whom a form goes anew where she leaves them as they are."""
_NOBODY = re.compile(r"^(?:to )?(?:nobody|no one|none(?: of them)?|nothing|nowhere)$", re.IGNORECASE)
_THE_FORMS = re.compile(
    r"^(?:(?:all )?(?:of )?(?:the |these |those )?(?:forms?|requests?)|it|them)?\s*(?:to|for|of)?\b\s*", re.IGNORECASE
)
_PAPER = re.compile(
    r"(?i)^(?:it|this|that|(?:the |this )?(?:(?:latest|last|cleared|board(?:['\u2019]s)?) )*(?:draft|paper|report))?$"
)
_AND_SENDS = re.compile(
    r"\s*(?:and|&|\+|,)\s*(?:then\s+)?(?:circulate(?: it)?|send it(?: out)?(?: to the (?:secretariat|board))?)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>@,;]+@[^\s<>@,;]+")
_NOBODYS_NAME = re.compile(
    r"^(?:(?:tele)?phone|e-?mail|mail|text|letter|teams|call|me|myself|us|him|her|them|post|word of mouth)$",
    re.IGNORECASE,
)
_ITS_FORM = re.compile(r"^(?:return|form)?\s*(?:back\s*)?(?:to (?:them|(?:the|its|their) lead)\b)?\s*", re.IGNORECASE)
_EDITS = re.compile(r"\b(?:(?:the|my|our|all) )*(?:edits|changes|own words)\b(?: (?:in|into|of|to))?", re.IGNORECASE)
_WHAT_IS_SEEN = re.compile(
    r"^(?:me\s+)?(?:(?:the\s+)?(?:return|file|form|version)\s+(?:of|from)\s+)?(?:why\s+)?", re.IGNORECASE
)
_A_MESSAGE = re.compile(r"^(?:with\s+)?(?:(?:the\s+)?messages?\s+)?(?=\S*\d)", re.IGNORECASE)
_CLEARED, _WRITTEN = r"\bas (?:(?:it was )?cleared|it (?:is|was|stands)\b(?! written))", r"\bas (?:it was )?written"
_UNWAITED = re.compile(
    r"[\s,;:\u2013-]*\b(?:without (?:any )?(?:waiting|wait|delay|showing (?:it|them))(?: for (?:them|it|anybody|anyone|"
    r"objections?|(?:the )?(?:partnerships?|partners|csps?)))?|all the same|anyway|regardless)\b[\s,;:]*",
    re.IGNORECASE,
)
_ASIDE = {Verb.CLEAR: _UNWAITED, Verb.SHOW: _EDITS}
_HOW = re.compile(rf"\s*(?:(?:,?\s*(?:and\s+)?)(?:{_CLEARED}|{_WRITTEN}))+$", re.IGNORECASE)
_ERRATUM = re.compile(
    r"\s*\b(?:(?:the|this|that)\s+)?(?:erratum|addendum)(?:\s*(?:,\s*)?(?:(?:no\.?|number)\s*)?(\d{1,3}))?(?!\w)",
    re.IGNORECASE,
)
_UNPLACED = re.compile(r"\s*\b(?:(?:the|my|those|these)\s+)?words(?:\s+without (?:a )?place)?$", re.IGNORECASE)
_FOR_BOARD = re.compile(
    r"^(?:(?:it|this|that|(?:the |this )?(?:latest |last |cleared )?(?:draft|paper|report)) )?(?:to|for|of)\s+",
    re.IGNORECASE,
)
_STRANGERS = re.compile(
    r"(?:all|every)?\s*(?:of\s+)?(?:the|these|those)?\s*(?:(?:messages?|e-?mails?|mails?|letters?)\s+)?(?:from|of|by)?\s*"
    r"(?:all\s+)?(?:the|these|those)?\s*(?:strangers?['\u2019]?s?['\u2019]?|unknown (?:senders?|people))"
    r"(?:\s+(?:messages?|e-?mails?|mails?|letters?))?",
    re.IGNORECASE,
)
_ALL_MESSAGES = re.compile(
    r"(?:all|everything|the lot|them all)(?:\s+of\s+(?:them|it))?"
    r"(?:\s+(?:the\s+)?(?:held\s+)?(?:messages?|e-?mails?|mails?))?",
    re.IGNORECASE,
)
_EVERYBODY = re.compile(
    r"(?:all|everybody|everyone)\b(?:\s+(?:of them|(?:the )?(?:partnerships|csps|respondents|returns)))*", re.IGNORECASE
)
_SAID_BY = re.compile(r"by\s+(?P<whom>\S.*?)[\s,;:]+(?=because\b)", re.IGNORECASE)
_OF_BY = re.compile(r"(?P<of>.*?)\bby\s+(?P<whom>.+?)[\s,;:.(\u2013\u2014-]+(?=because\b|reason\b)", re.IGNORECASE)
_IDS = re.compile(r"(?:[\[<#(]*[0-9a-f]{4,64}[\])>]*(?:\s*[,;&]\s*|\s+and\s+|\s+|$))+", re.IGNORECASE)
_GIVERS = {Verb.APPROVED: ("chair", "approves a return"), Verb.CERTIFIED: ("budget holder", "certifies grant money")}
_GIVEN_BY = (
    "Only the {0} {1}, from the {0}'s own address. To record what the {0} said elsewhere, write "
    "{2} CODE BY the {0}'s name BECAUSE and how you know."
)


_NO_SUBJECT = re.compile(r"(?:attached|enclosed|herewith|below|out|to|in|as|it|them|my|here|why|how)\b", re.IGNORECASE)


class NotRead(Exception):
    """A line is no order; the sentence says what is wrong. `done` is what of it stands all the same."""

    def __init__(self, sentence: str, *done: Command) -> None:
        super().__init__(sentence)
        self.done = done


@dataclass(frozen=True, kw_only=True)
class Known:
    """What lines are read with: the day she wrote, what there is to name, and which of it are the force's analysts."""

    today: date
    respondents: Directory
    boards: Directory
    actions: Directory
    people: Directory
    served: Served
    analysts: tuple[str, ...] = ()


def read_order(order: Command, rest: str, known: Known) -> list[Command]:
    """The orders that one clause gives: `rest` is what stands behind its word. Raises NotRead."""
    try:
        return list(_READERS[order.verb](order, rest, known))
    except (NotFound, DayNotRead, PersonNotRead, AskingNotRead, CallNotRead, AbsenceNotRead, ReasonNotRead) as fault:
        raise NotRead(str(fault)) from None


def _alone(order: Command, rest: str, _: Known) -> Iterator[Command]:
    if rest and order.verb is Verb.STOP:
        raise NotRead("This was not taken as STOP. STOP in capitals, or first in a reply, stops all sending.")
    if rest and not (order.verb in _ADDED and _ADDED[order.verb].match(rest)):
        raise NotRead(f"{order.verb} stands alone on its line.")
    yield replace(order, whom={Verb.HELP: ALL, Verb.DASHBOARD: "public"}.get(order.verb, "")) if rest else order


def _years(order: Command, rest: str, _: Known) -> Iterator[Command]:
    """AGREE or YEAR, with the year or without. "Agree with Melton" is no order."""
    found = re.fullmatch(
        r"(?:(?:the )?measures\s*)?(?:(?:for|of)\s+)?(\d{4})?(?:[/\u2013-]\d{2,4})?", rest, re.IGNORECASE
    )
    if not found:
        raise NotRead(f"Write: {order.verb} and the year, such as {order.verb} 2015/16.")
    first = int(found[1]) if found[1] else 0
    yield replace(order, text=f"{first}/{(first + 1) % 100:02d}" if first else "")


def _proofs(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """The proof pack; or, by its code or its name, the request to the force's analyst alone."""
    codes, more = known.respondents.split(_TO.sub("", rest.strip("()"))) if rest else ((), "")
    if codes and not more and set(codes) <= set(known.analysts):
        yield from (replace(order, respondent=code) for code in codes)
    elif known.analysts and _EXTRACT.match(rest):
        yield replace(order, respondent=known.analysts[0])
    elif order.verb is Verb.SEND and (apart := find_sent_apart(rest)):
        yield replace(order, whom=apart)
    elif order.verb is Verb.SEND:
        yield from _requests(order, rest)
    else:
        yield from _alone(order, rest, known)


def _requests(order: Command, rest: str) -> Iterator[Command]:
    if not _REQUESTS.match(rest.strip("()")):
        raise NotRead(f"{order.verb} stands alone on its line: it sends every request. '{rest}' was not understood.")
    yield order


def _perhaps_some(order: Command, rest: str, known: Known) -> Iterator[Command]:
    if not rest or _EVERYTHING.match(rest):
        yield order
        return
    codes, more = _split_names(order, rest, known)
    named = [replace(order, respondent=code) for code in codes]
    if more:
        raise NotRead(f"'{more}' was not understood.", *named)
    yield from named


def _forms(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """The forms to be sent anew: all, those of some, or none."""
    if _NOBODY.match(rest):
        yield replace(order, whom=NOBODY)
    else:
        yield from _perhaps_some(order, _THE_FORMS.sub("", rest), known)


def _some(order: Command, rest: str, known: Known) -> Iterator[Command]:
    codes, more = _split_names(order, rest, known)
    if more:
        raise NotRead(f"'{more}' was not understood.")
    yield from (replace(order, respondent=code) for code in codes)


def _numbered(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """ACCEPT of a whole return, or of what questions are about; ANSWERS, with a message's id where several wait."""
    message, said = split_id(rest) if order.verb is Verb.ANSWERS else ("", rest)
    numbers, names = split_numbers(said)
    if not numbers and order.verb is Verb.ACCEPT:
        yield from _some(order, rest, known)
        return
    codes, more = _split_names(order, names, known)
    if more or len(codes) > 1 or not numbers:
        left = f"'{more}' was not understood. " if more else ""
        raise NotRead(f"{left}Write {order.verb}, one respondent's code and the number of a question: Q2.")
    yield replace(order, message=message, respondent=codes[0], questions=numbers)


def _with_reason(order: Command, rest: str, known: Known) -> Iterator[Command]:
    codes, more = _split_names(order, rest, known)
    if (said := _SAID_BY.match(more)) and order.verb in {Verb.NIL, Verb.DECLINE}:
        order, more = replace(order, whom=said["whom"].strip()), more[said.end() :]
    if is_unfilled(order.whom):
        raise NotRead(f"'{order.whom}' only shows where a name goes. Leave BY out where nobody told you.")
    reason = read_reason(more, f"{order.verb} CODE")
    yield from (replace(order, respondent=code, reason=reason) for code in codes)


def _reopening(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """A return, with the reason; or a message by its id."""
    codes, _ = known.respondents.split(rest)
    yield from (_with_reason if codes or not _IDS.fullmatch(rest) else _messages)(order, rest, known)


def _looking(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """Something that came, by a message's id or a respondent's name; SHOW alone, or with a board, shows a paper."""
    said = _WHAT_IS_SEEN.sub("", rest)
    codes, more = known.respondents.split(said)
    boards, _ = known.boards.split(said) if order.verb is Verb.SHOW else ((), "")
    if codes and boards:
        raise NotRead(f"'{said}' may be a respondent or a board. Write the code.")
    if codes and not re.fullmatch(r"(?:returns?|files?|forms?|stands?)?", more, re.IGNORECASE):
        raise NotRead(f"'{more}' was not understood.")
    if codes:
        yield from (replace(order, respondent=code) for code in codes)
    elif _IDS.fullmatch(_A_MESSAGE.sub("", said)):
        yield from _messages(order, said, known)
    elif order.verb is Verb.SHOW:
        yield from _papers(order, rest, known)
    else:
        write = "Write EXPLAIN and a code or a message's id."
        raise NotRead(known.respondents.explain_unknown(said) if said else write)


def _status(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """Of all; or of some, which is what EXPLAIN says of them."""
    if not rest or _EVERYTHING.match(rest):
        yield order
    else:
        yield from _looking(replace(order, verb=Verb.EXPLAIN), re.sub(r"(?i)^(?:of|for)\s+", "", rest), known)


def _sending_back(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """BECAUSE must be there: "Return from Melton received" is no order."""
    codes, more = _split_names(order, rest, known)
    more = _ITS_FORM.sub("", more)
    if not BECAUSE.match(more):
        raise NotRead("Write: RETURN CODE BECAUSE and the reason in a few words; the lead reads them as you put them.")
    reason = read_reason(more, "RETURN CODE")
    yield from (replace(order, respondent=code, reason=reason) for code in codes)


def _assent(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """Who approved, or certified, and how she knows it must both be said: it stands in the record in their place."""
    write, found = _GIVEN_BY.format(*_GIVERS[order.verb], order.verb), _OF_BY.match(rest)
    if not found or is_unfilled(found["whom"]) or _NOBODYS_NAME.match(found["whom"].strip()):
        raise NotRead(write)
    codes, more = _split_names(order, found["of"].strip(" ,:;-"), known)
    if more:
        raise NotRead(f"'{more}' was not understood. {write}")
    reason = read_reason(rest[found.end() :], f"{order.verb} CODE BY whom")
    if DENIES.search(reason):
        raise NotRead(f"'{reason}' does not say that the {_GIVERS[order.verb][0]} said yes. {write}")
    yield from (replace(order, respondent=code, whom=found["whom"], reason=reason) for code in codes)


def _subject(order: Command, rest: str, _: Known) -> Iterator[Command]:
    """Whom or what is looked for, in any words but those of a cover note and those that ask for something else."""
    if _NO_SUBJECT.match(rest):
        raise NotRead(f"Write {order.verb} and a name, an address or a code.")
    yield replace(order, text=rest)


def _extension(order: Command, rest: str, known: Known) -> Iterator[Command]:
    everybody = _EVERYBODY.match(rest)
    order = replace(order, whom=ALL) if everybody else order
    rest = re.sub(r"^(?:the )?(?:due |closing )?(?:deadline|date)\s+(?=for\b|of\b)", "", rest, flags=re.IGNORECASE)
    codes, more = (("",), rest[everybody.end() :].strip()) if everybody else _split_names(order, rest, known)
    who = "ALL" if everybody else ", ".join(codes)
    if longer := split_longer(more):
        order = replace(order, longer=longer[0], reason=read_reason(longer[1], f"EXTEND {who} BY {longer[0]}"))
    else:
        when = re.sub(r"^(?:(?:the )?return )?(?:up )?(?:to|until|till|by(?=.*\d))\b\s*", "", more, flags=re.IGNORECASE)
        if not when or BECAUSE.match(when):
            raise NotRead("Write: EXTEND CODE TO 5 November BECAUSE and the reason in a few words.")
        found, more = split_day(when, today=known.today)
        if found > known.today + FARTHEST:
            raise NotRead(f"{full_day(found)} is more than six months away. Is the year right?")
        order = replace(order, day=found, reason=read_reason(more, f"EXTEND {who} TO {found.day} {found:%B}"))
    yield from (replace(order, respondent=code) for code in codes)


def _dismissal(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """Of a message; of words that have no place in a board's paper; or with a reason of the erratum to it."""
    if found := _UNPLACED.search(rest):
        yield from (replace(one, unplaced=True) for one in _papers(order, rest[: found.start()].strip(), known))
        return
    named = re.split(r"(?i)\bbecause\b", rest, maxsplit=1)[0]
    if not _ERRATUM.search(named):
        yield from _messages(order, rest, known)
        return
    reason = read_reason(rest[len(named) :], "DISMISS board ERRATUM number")
    yield from (replace(found, reason=reason) for found in _papers(order, named.strip(" ,;:-"), known))


def _messages(order: Command, rest: str, _: Known) -> Iterator[Command]:
    if order.verb is Verb.DISMISS and (_STRANGERS.fullmatch(rest) or _ALL_MESSAGES.fullmatch(rest)):
        yield replace(order, whom=STRANGERS if _STRANGERS.fullmatch(rest) else ALL)
        return
    rest = _A_MESSAGE.sub("", rest)
    ids = [word.strip("<>[]#()") for word in re.split(r"\s*(?:[,;&]|\band\b)\s*|\s+(?=[0-9a-f]{4,}\b)", rest) if word]
    if not ids and order.verb in {Verb.DISMISS, Verb.REPLAY}:
        raise NotRead(f"It does not say which message. Write {order.verb} and the message's id.")
    if any(" " in one for one in ids):
        raise NotRead(f"Write {order.verb} and the message's id, and nothing else on the line.")
    yield from (replace(order, message=one) for one in ids or [""])


def _putting_off(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """In capitals only, and what it names must follow at once: "later for Melton" may take another order back."""
    if not re.search(r"\bLATER\b", order.words):
        raise NotRead("LATER in capitals, and a message's id or a respondent's code, puts that thing off.")
    ids = _IDS.match(rest)
    codes, more = known.respondents.split(rest[ids.end() :] if ids else rest)
    when = re.sub(r"^[\s,:]*(?:(?:to|until|till|on|for)\b)?\s*", "", more, flags=re.IGNORECASE)
    found, beyond = split_day(when, today=known.today) if when else (None, "")
    if beyond:
        raise NotRead(f"'{beyond}' was not understood.")
    named = re.findall(r"[0-9a-f]{4,}", ids[0], re.IGNORECASE) if ids else []
    yield from (replace(order, message=one.lower(), day=found) for one in named)
    yield from (replace(order, respondent=code, day=found) for code in codes)
    if not named and not codes:
        yield replace(order, day=found)


def _below(order: Command, rest: str, _: Known) -> Iterator[Command]:
    """An ANSWER that is one was found before its lines were read."""
    if rest or not order.text:
        raise NotRead(f"Write {order.verb} in capitals at the beginning of a line, and your words below it.")
    yield order


def _assignment(order: Command, rest: str, known: Known) -> Iterator[Command]:
    found = re.fullmatch(r"(\S*\d\S*)\s+(?:to\s+)?(.+)", _A_MESSAGE.sub("", rest), re.IGNORECASE)
    if not found:
        raise NotRead("Write: ASSIGN, the message's id, TO, and the respondent's code.")
    codes, more = _split_names(order, found[2], known)
    if more or len(codes) > 1:
        raise NotRead("A message is assigned to one respondent: write its code, and nothing else on the line.")
    yield replace(order, message=found[1].strip("<>[]#()"), respondent=codes[0])


def _how_it_goes(order: Command, rest: str) -> tuple[Command, str]:
    """What stands in the way and is to be done all the same, or which of a paper is to be shown."""
    if order.verb is not Verb.CIRCULATE:
        said = replace(order, unwaited=True) if order.verb is Verb.CLEAR else replace(order, whom="edits")
        how = _ASIDE[order.verb].search(rest) if order.verb in _ASIDE else None
        return (said, f"{rest[: how.start()]} {rest[how.end() :]}".strip()) if how else (order, rest)
    how = _HOW.search(rest)
    is_cleared, is_written = (bool(how and re.search(said, how[0], re.IGNORECASE)) for said in (_CLEARED, _WRITTEN))
    if how is None or (is_cleared and order.erratum is not None):
        return order, rest
    return replace(order, as_cleared=is_cleared, as_written=is_written), rest[: how.start()]


def _papers(order: Command, rest: str, known: Known) -> Iterator[Command]:
    if found := _ERRATUM.search(rest):
        if order.verb not in {Verb.CIRCULATE, Verb.DISMISS}:
            raise NotRead("An erratum is drafted by itself; CIRCULATE board ERRATUM and its number sends it.")
        order, rest = replace(order, erratum=int(found[1] or 0)), _ERRATUM.sub("", rest, count=1).strip()
    order, rest = _how_it_goes(order, rest)
    both = _AND_SENDS.search(rest) if order.verb is Verb.CLEAR else None
    rest = rest[: both.start()] if both else rest
    steps = (order, *([replace(order, verb=Verb.CIRCULATE)] if both else []))
    if _PAPER.match(rest):
        yield from steps
        return
    codes, more = known.boards.split(_FOR_BOARD.sub("", rest))
    if not codes:
        raise NotRead(known.boards.explain_unknown(rest))
    if not re.fullmatch(r"(?:papers?|drafts?|reports?)?", more, re.IGNORECASE):
        raise NotRead(f"'{more}' was not understood.")
    yield from (replace(step, board=code) for code in codes for step in steps)


def _addresses(order: Command, rest: str, _: Known) -> Iterator[Command]:
    """Mail programs write an address as "a@b.example<mailto:a@b.example>"; the first one counts."""
    said = re.sub(r"\s*<mailto:[^<>]*>?|\bmailto:|[<>]", " ", rest, flags=re.IGNORECASE)
    begins = re.match(r"ok(?!\w)[\s:,]*", said, re.IGNORECASE)
    found = [w.rstrip(".") for w in re.split(r"[\s,;&]+|\band\b", said[begins.end() :]) if w] if begins else []
    if not found or not all(_ADDRESS.fullmatch(one) for one in found):
        raise NotRead("Write: ADDRESS OK and the email address that letters may go to again.")
    yield from (replace(order, address=one.lower()) for one in found)


def _contacts(order: Command, rest: str, known: Known) -> Iterator[Command]:
    person = read_person(rest, known.respondents, today=known.today)
    if is_unfilled(person.name):
        raise NotRead(f"'{person.name}' only shows where the name goes. {WRITE}.")
    yield from (replace(order, respondent=code, address=person.address, person=person) for code in person.codes)


def _calls(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """What was said may hold any words but those of an order in capitals, which may be meant as one."""
    call = read_call(rest, respondents=known.respondents, people=known.people, served=known.served, today=known.today)
    if is_unfilled(call.said):
        raise NotRead(f"'{call.said}' only shows where your own words go. {WRITE_CALL}.")
    if (inside := ORDER_INSIDE.search(call.said)) and not call.said.isupper():
        raise NotRead(f"'{inside[0]}' in it may be an order. Write that on a line of its own, or in small letters.")
    for code in call.codes:
        yield replace(order, respondent=code, whom=call.whom, reason=call.said, day=call.until)


def _absences(order: Command, rest: str, known: Known) -> Iterator[Command]:
    first, last, deputy = read_absence(rest, today=known.today)
    yield replace(order, since=first, day=last, whom=deputy)


def _letters(order: Command, rest: str, _: Known) -> Iterator[Command]:
    """Letters of ours by their ids."""
    said = re.sub(r"^(?:the\s+)?letters?\s+", "", rest, flags=re.IGNORECASE)
    if not _IDS.fullmatch(said):
        raise NotRead(f"Write {order.verb} and the letter's id, and nothing else on the line.")
    yield from (replace(order, letter=one) for one in re.findall(r"[0-9a-f]{4,}", said.lower()))


def _asking(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """What was asked may hold any words but those of an order in capitals, which may be meant as one."""
    said = read_asking(rest, respondents=known.respondents, boards=known.boards, today=known.today)
    if is_unfilled(said.wording):
        raise NotRead(f"'{said.wording}' only shows where your own words go. {WRITE_ASKING}.")
    if (inside := ORDER_INSIDE.search(said.wording)) and not said.wording.isupper():
        raise NotRead(f"'{inside[0]}' may be an order. {WRITE_ASKING}, that word not in capitals.")
    asked = replace(order, board=said.board, day=said.day, text=said.wording)
    yield from (replace(asked, respondent=code) for code in said.codes)


def _closing(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """Of what boards asked, by its ref, with a reason: it stands in the next paper."""
    refs, more = known.actions.split(rest)
    if not refs:
        raise NotRead(known.actions.explain_unknown(re.split(r"(?i)\s+because\b|[,;:]", rest)[0]))
    reason = read_reason(more, f"CLOSE {refs[0]}")
    yield from (replace(order, action=ref, reason=reason) for ref in refs)


def _some_or_address(order: Command, rest: str, known: Known) -> Iterator[Command]:
    """YES and NO: to a letter to a chair, by code; or about somebody named, by address."""
    said = re.sub(r"\s*<mailto:[^<>]*>?|[<>]|^(?:to|for) ", "", rest).strip(" .").lower()
    yield from [replace(order, address=said)] if is_address(said) else _some(order, rest, known)


def _split_names(order: Command, rest: str, known: Known) -> tuple[tuple[str, ...], str]:
    rest = re.sub(r"^(?:to|for|from|of)\s+", "", rest, flags=re.IGNORECASE)
    if not rest:
        raise NotRead(f"It does not say for whom. Write {order.verb} and the respondent's code.")
    codes, more = known.respondents.split(rest)
    if not codes:
        raise NotRead(known.respondents.explain_unknown(re.split(r"(?i)\s+(?:to|until|because)\b|[,;:]", rest)[0]))
    return codes, more


_READERS: dict[Verb, Callable[[Command, str, Known], Iterator[Command]]] = {
    **dict.fromkeys((Verb.STOP, Verb.RELEASE, Verb.DASHBOARD, Verb.HELP, Verb.SETUP, Verb.BACK), _alone),
    Verb.STATUS: _status,
    Verb.APPLY: lambda order, rest, _: iter([replace(order, text=read_code(rest))]),
    **dict.fromkeys((Verb.FIND, Verb.EXPORT, Verb.ERASE), _subject),
    **dict.fromkeys((Verb.SHOW, Verb.EXPLAIN), _looking),
    **dict.fromkeys((Verb.SEND, Verb.PROOF), _proofs),
    **dict.fromkeys((Verb.AGREE, Verb.YEAR), _years),
    Verb.REISSUE: _forms,
    **dict.fromkeys((Verb.HOLD, Verb.RESUME), _perhaps_some),
    **dict.fromkeys((Verb.YES, Verb.NO), _some_or_address),
    **dict.fromkeys((Verb.ACCEPT, Verb.ANSWERS), _numbered),
    Verb.AGREED: _some,
    **dict.fromkeys((Verb.NIL, Verb.DECLINE, Verb.RETURNED), _with_reason),
    **dict.fromkeys((Verb.APPROVED, Verb.CERTIFIED), _assent),
    Verb.RETURN: _sending_back,
    Verb.EXTEND: _extension,
    **dict.fromkeys((Verb.DONE, Verb.REPLAY, Verb.RECALL), _messages),
    Verb.DISMISS: _dismissal,
    Verb.ANSWER: _below,
    Verb.LATER: _putting_off,
    Verb.ASSIGN: _assignment,
    **dict.fromkeys((Verb.DRAFT, Verb.CLEAR, Verb.CIRCULATE, Verb.NOTES), _papers),
    Verb.ACTION: _asking,
    Verb.CLOSE: _closing,
    Verb.CALLED: _calls,
    Verb.AWAY: _absences,
    **dict.fromkeys((Verb.RESEND, Verb.FOUND, Verb.WITHDRAW), _letters),
    Verb.REOPEN: _reopening,
    Verb.ADDRESS: _addresses,
    Verb.CONTACT: _contacts,
}
