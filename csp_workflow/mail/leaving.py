"""Whether somebody says that they have left, by hand or by automatic reply, and whom they name to write to instead."""

from __future__ import annotations

import re
from collections.abc import Iterable

from csp_workflow.mail.absence import fold_letters
from csp_workflow.mail.bodies import plain_words

_I_HAVE = r"i (?:have|ve)(?: now| since| recently)? "
_ON = r"(?:on|for|in|at|with|within) "
_PLACE = r"(?:csp|partnership|council|force|team|returns?|figures|service|authority|organisation|company)"
_WORK = rf"(?:this|that|these|it|here|there|(?:the|this|that) {_PLACE})"
_POST = (
    r"(?:my |the |this |that )?(?:(?:lead|chair|deputy|old|previous|former|contact) )?"
    rf"(?:post|role|job|position|{_PLACE})"
)
_THING = r"(?:figures?|cells?|box|boxes|rows?|blank|empty|form|out|message|note|voicemail|comments?|word|copy)"
_NAMED = r"(?:lead|chair|deputy|contact|right|person|officer|manager|analyst|one|named)"
_AT_A_BODY = r"at (?:(?:the|this) )?(?:\w+ ){0,3}(?:council|authority|force|trust|police|csp)\b"
_MINE = r"my (?:role|job|responsibility|area)"
_WAYS = (
    rf"i no longer work (?:{_ON})?{_WORK}",
    rf"i don t work (?:{_ON})?{_WORK} (?:any ?more|now)",
    rf"i (?:am|m) no longer (?:(?:the|a|your) {_NAMED}|{_ON}{_POST}|part of|involved|working {_ON}{_WORK})",
    rf"i (?:am|m) no longer responsible(?! for (?!{_WORK}|the\b|our\b))",
    rf"{_I_HAVE}(?:left|moved on from|stood down from|stepped down from|retired from) {_POST}(?! (?:s|{_THING}))",
    rf"{_I_HAVE}(?:left|retired from) (?:(?!(?:it|them|with|to|{_THING})\b)\w+ ){{1,4}}(?:council|authority|force)$",
    rf"{_I_HAVE}(?:left|moved on|retired|stood down|stepped down)$",
    rf"{_I_HAVE}moved (?:on )?to (?:a|another) (?:new |different )?(?:post|role|job|team)",
    (
        rf"{_I_HAVE}handed (?:this|it|the role|the work) (?:over )?to"
        r"(?! (?:the|our|my) |.* for (?:sign|approval|comment|check))"
    ),
    r"(?:this is|it is|it s|that is|that s)? ?not me (?:any ?more|now)",
    rf"(?:(?:this|it) is )?no longer (?:me|{_MINE})",
    r"please (?:(?:remove me|take me off)(?! (?:from )?(?:the|your) (?:copy|cc))|delete my (?:address|details))",
    r"(?:remove me from|take me off) (?:your|this|the) (?:mailing |distribution )?list",
    (
        r"[\w ]{2,60} (?:has|have) (?:now )?taken (?:this )?over(?: (?:from me|my (?:role|post|job)|"
        r"this(?: role)?(?! (?!from|as|and|now|since)\w))|$)"
    ),
    r"[\w ]{2,60} has (?:now )?replaced me",
    rf"[\w ]{{2,60}} (?:has|have) (?:now )?taken over as (?:(?:the|its|your) )?{_NAMED} from me",
    rf"i no longer (?:chair|represent) {_POST}",
    rf"{_I_HAVE}(?:stood|stepped) down as (?:the |your )?{_NAMED}",
    # For whom, by name: "I no longer work for Charnwood Borough Council".
    r"i no longer work (?:for|at|with) (?!home|weekends?|nights?|night|the moment|the same|all)[\w ]{2,60}",
    r"i don t work (?:for|at) [\w ]{2,60} any ?more",
    r"i (?:am|m) no longer (?:employed|with)\b",
    rf"i (?:am|m) no longer {_AT_A_BODY}",
    rf"i (?:have (?:now )?)?left (?:my|the) (?:{_PLACE}|employ\w*|post|role|job|position)\b(?! (?:s|{_THING}))",
    (
        rf"i (?:have |ve )?(?:now )?left (?:(?!(?:it|them|with|to|out|{_THING})\b)\w+ ){{1,5}}"
        rf"(?:council|authority|force|trust|partnership)\b(?! (?:s|{_THING}))"
    ),
    r"my last (?:working )?day (?:at work |in the office |here |with \w+ )?was",
    r"i (?:have |ve )?(?:now )?(?:finished|stopped) working (?:for|at|with|here)",
    # In the languages of councils' staff.
    (
        r"(?:rwyf|rwy|rydw i|dw i) (?:bellach |nawr )?wedi gadael|nid wyf (?:bellach )?yn gweithio|"
        r"dydw i ddim yn gweithio|nid wyf yn gweithio"
    ),
    r"(?:juz )?nie pracuje (?:juz|w|dla)|odsz?edlem z pracy|zakonczyl[ae]m prace",
    (
        r"je ne travaille plus|j ai quitte|je ne fais plus partie|ich arbeite nicht mehr|"
        r"ich habe (?:\w+ ){1,6}verlassen|ich bin nicht mehr"
    ),
    r"ya no trabajo|he dejado (?:el|la|mi)|ik werk niet (?:meer|langer)|ik ben niet (?:meer|langer) werkzaam",
    (
        r"non lavoro piu|ho lasciato (?:il|la|l)|ja nao trabalho|nao trabalho mais|deixei (?:o|a) |nu mai lucrez|"
        r"am parasit"
    ),
)
"""How people say it, in small letters without punctuation ("i m" is "I'm"). "I have left a cell empty" is none."""

_OF_ITS_OWNER = (
    (
        r"[\w ]{2,60} (?:has|have) (?:now |since |recently )?(?:left|retired|moved on)(?! (?:a|the (?:office|building)|"
        r"for the day|until)\b)"
    ),
    r"[\w ]{2,60} (?:is |are )?no longer (?:works?|employed|with|a member|part of|in (?:post|this role))\b",
    rf"[\w ]{{2,60}} (?:is |are )?no longer {_AT_A_BODY}",
    (
        r"(?:this|that|the) (?:e ?mail|mailbox|address|account|inbox)(?: address| account)? (?:is|will) no longer "
        r"(?:be )?(?:monitored|used|in use|active|checked|valid|read|manned)"
    ),
)
"""What only an automatic reply says of whoever has the address: in a person's own words these are about others."""

_LEFT = re.compile(rf"^(?:{'|'.join(_WAYS)})\b")
_OWNER_LEFT = re.compile(rf"^(?:{'|'.join((*_WAYS, *_OF_ITS_OWNER))})\b")
_GREETING = re.compile(r"^(?:dear|hi|hello|hiya|good (?:morning|afternoon|evening)|morning|afternoon)(?: [a-z]+){0,4}$")
_LEAD_IN = re.compile(
    r"^(?:(?:hi|hello|sorry|apologies|thanks|thank you|please note(?: that)?|just to (?:say|let you know)(?: that)?"
    r"|i am afraid(?: that)?|i m afraid(?: that)?|unfortunately|as of [a-z0-9 ]{3,20}) )+"
)
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_FIRST_SENTENCES = 3
_MOST_NAMED = 5


def says_has_left(
    answer: str,
    listed: frozenset[str] = frozenset(),
    *,
    is_machine: bool = False,
    more: Iterable[str] = (),
) -> bool:
    """Whether the first sentences say that the writer has left. Lines `listed` elsewhere (a yes, a nil) come first.

    An automatic reply (`is_machine`) may say so anywhere, and of its owner by name. `more` are beginnings of sentences
    that a site knows besides.
    """
    said = [sentence for sentence in map(_plain, _sentences(answer)) if sentence and not _GREETING.match(sentence)]
    if not said or said[0] in listed:
        return False
    ways, looked_at = (_OWNER_LEFT, said) if is_machine else (_LEFT, said[:_FIRST_SENTENCES])
    begins = tuple(filter(None, map(_plain, more)))
    heard = [_LEAD_IN.sub("", sentence) for sentence in looked_at]
    return any(ways.match(one) or one.startswith(begins) for one in heard)


def find_named(words: str, without: Iterable[str]) -> tuple[str, ...]:
    """The addresses that some words name, in lower case, in order, `without` the writer's own and ours."""
    passed_over = {one.lower() for one in without}
    found = (one.lower().strip(".'") for one in _ADDRESS.findall(words))
    return tuple(dict.fromkeys(one for one in found if one not in passed_over))[:_MOST_NAMED]


def _sentences(answer: str) -> list[str]:
    """Sentences without questions: mail programs break lines anywhere, so a line that goes on is joined to the next."""
    paragraphs = re.split(r"\n\s*\n", answer.strip()[:2_000])
    parts = (part for paragraph in paragraphs for part in re.split(r"(?<=[.!?;])\s+|,\s*\n", paragraph))
    return [" ".join(part.split()) for part in parts if not part.rstrip().endswith("?")]


def _plain(sentence: str) -> str:
    return plain_words(fold_letters(sentence))
