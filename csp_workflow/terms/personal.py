"""What may name a person, or say why somebody is away: recognised, and kept back wherever it would be shown.

Nobody but its sender's office needs it: the message and the form as they came are kept whole. "May" is enough, but a
return that holds such a thing waits until it is settled, so figures, places, references and help lines are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.terms.returns import Narrative, ReturnState, Submission

PERSONAL = "personal-details"
"""The code of the finding that asks for what may name a person to be left out."""

KEPT_BACK = "[kept back: it may name a person; see the return]"
REASON_KEPT_BACK = "[kept back: why somebody is away]"

_LONGEST = 40_000
_SETTLED = {ReturnState.COMPLETE, ReturnState.APPROVED}

_GENERAL = (
    "info|information|enquir|contact|admin|office|help|support|press|media|hello|mail|post|csp|community|safety|safer|"
    "partnership|police|no-?reply|returns|data|team|service|council|customer|general|reception"
)
_EMAIL = re.compile(
    rf"(?<![\w.+-])(?!(?:{_GENERAL})[\w.+-]*@)[\w.+-]{{1,64}}@[\w-]{{1,63}}\.[\w.-]{{2,63}}", re.IGNORECASE
)
# No help line: numbers that begin with 03, 08 or 09 are nobody's own.
_TELEPHONE = re.compile(
    r"(?<![\d.,/])(?:(?:\+|00)44[ .-]?(?:\(0\)[ .-]?)?|\(?0)(?![389]|\d(?: \d\d){4})"
    r"\d(?:\)?[ .-]?\(?\d){8,9}\)?(?![\d/])"
)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-BD-HJLNP-UW-Z]{2}\b")
_ADDRESS = re.compile(
    r"\b\d{1,4}[a-z]?,? (?:[a-z'-]+ ){1,3}"
    r"(?:street|road|lane|close|avenue|drive|way|court|crescent|gardens|place|terrace|walk|grove|st|rd|ave)"
    r"\b[ ,]{1,3}(?:[a-z'-]+[ ,]{1,3}){0,3}[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b",
    re.IGNORECASE,
)
_INSURANCE = re.compile(r"\b[A-CEGHJ-PR-TW-Z][ -]?[A-CEGHJ-NPR-TW-Z](?:[ -]?\d){6}[ -]?[A-D]\b", re.IGNORECASE)
_NHS = re.compile(
    r"\bnhs\b\W{0,3}(?:number|no|num|n)?\W{0,5}\d{3}[ -]?\d{3}[ -]?\d{4}\b|\b(\d{3})[ -](\d{3})[ -](\d{4})\b",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = rf"(?:\d{{1,4}}(?:[/. -]+\d{{1,2}}[/. -]+\d{{1,4}}\b|(?:st|nd|rd|th)?,? (?:of )?{_MONTH}\b)|{_MONTH}\b)"
_BORN = re.compile(
    r"\b(?:d\.? ?o\.? ?b\.?|date of birth|birth ?date|birthday|born)(?![a-z])\W{0,5}"
    rf"(?:is |was |on |in )?(?:the )?{_DATE}",
    re.IGNORECASE,
)
_PLATE = re.compile(
    r"\b(?!FY|QE)[A-HJ-PR-Y]{2}\d{2} ?"
    r"(?!ASB|CSP|CSE|SOC|OCG|DVA|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-HJ-PR-Z]{3}\b"
)

_PERSON = (
    "victim|offender|suspect|perpetrator|complainant|witness|nominal|deceased|defendant|accused|child|boy|girl|baby|pupil|"
    "son|daughter|mother|father|wife|husband|girlfriend|boyfriend|sister|brother|resident|tenant|neighbour|patient|"
    "client|missing|man|woman|youth|teenager"
)
_DONE_TO = (
    "arrested|assaulted|abused|raped|stabbed|attacked|convicted|charged|sentenced|killed|died|murdered|evicted|bailed"
)
_OTHER = "nursery|school|playgroup|club|cafe|shop|pub|store|surgery|centre|house|toys|team|project"
_NAME = r"[A-Z][a-z'\u2019]+(?:-[A-Z][a-z]+)?"
_PLACES = (
    "Way|Street|Road|Lane|Close|Avenue|Drive|Court|School|Nursery|Academy|Surgery|House|Hall|Park|Centre|Ltd|Limited|"
    "Council|Partnership|Support|Service|Services|Unit|Team|Police|Board|Housing|Options|Neighbourhood|University|College|Hospital|Project|Programme|"
    "Management|Protection|Sexual|Exploitation|First|Week|Day|January|February|March|April|June|July|August|September|"
    "October|November|December|Leicester|Leicestershire|Rutland|North|South|East|West|Safer|Community|Criminal|Youth"
)
_FULL_NAME = rf"(?=[A-Z])(?!(?:\S{{1,30}} )?(?:{_PLACES})\b){_NAME} (?:[A-Z]\.? )?(?!(?:{_PLACES})\b){_NAME}"
_NAMES = re.compile(
    rf"\b(?i:{_PERSON})(?:'s name)?(?: is| was)?,? ?(?:named|called|known as|[:=\u2013-])\s*\W?{_NAME}"
    rf"|\b(?i:{_PERSON}),? {_FULL_NAME}"
    rf"|{_FULL_NAME},? (?:\((?:aged )?\d{{1,2}}[MFmf]\)|\(?aged? \d{{1,2}}\b(?! ?(?:to|-|\u2013|and|or|\+)))"
    rf"|{_FULL_NAME},? (?:the (?:{_PERSON})\b|(?:was|were|has been|is) (?:{_DONE_TO})\b)"
)
_TITLED_NAME = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Master|Rev)\.? (?:[A-Z]\.? )?"
    rf"(?!(?:{_NAME} )?(?:{_PLACES})\b){_NAME}\b(?! (?:{_OTHER})\b)"
)
_OF_A_PERSON = re.compile(rf"\b(?:{_PERSON}|{_DONE_TO})\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bRev\.)(?<!\b[A-Z]\.)\s+|\n+")

_MARKS = (
    ("an e-mail address", _EMAIL),
    ("a telephone number", _TELEPHONE),
    ("a postcode", _POSTCODE),
    ("an address", _ADDRESS),
    ("a National Insurance number", _INSURANCE),
    ("a date of birth", _BORN),
    ("a car's registration", _PLATE),
    ("a person's name", _NAMES),
)

_WHO = (
    "i|he|she|they|we|who|my|his|her|their|our|analyst|lead|chair|colleague|officer|manager"
    "|[a-z]+ (?:is|has been|will be)"
)
_IS = (
    "(?:is|am|m|s|are|re|was|were|been|being|fallen|taken|off|still|feeling|so|very)"
    " (?:very |quite |so |seriously |too )?"
)
_WHY = (
    rf"{_IS}(?:ill|unwell|sick|poorly)\b(?! informed| advised)|not (?:very |at all |too )?well|ill health|illness|"
    r"sickness|sick leave|long term sick|(?:in|into|to|from) hospital\b(?! admissions)|"
    r"(?:having|had|has|for|after|an|my|his|her) (?:a |an )?(?:surgery|operation\b(?! \w+ (?:was|is))|stroke|"
    r"heart attack|accident|breakdown|miscarriage|baby|transplant|scan|biopsy|chemotherapy|cancer|diagnosis)|"
    r"maternity|paternity|adoption leave|bereave\w*|funeral|compassionate leave|signed off|pregnan\w*|jury service|"
    r"(?:mother|father|wife|husband|son|daughter|child|parent|partner) (?:has |is |was )?(?:died|dying|in hospital)|"
    r"passed away|suspended|disciplinary|rehab\w*|covid|flu\b|broken (?:leg|arm|ankle|hip)|mental health|depression|"
    r"mewn ysbyty|yn sal|yn sâl|profedigaeth|mamolaeth"
)
_MAY_BE_REASON = re.compile(rf"\b(?:{_WHY})", re.IGNORECASE)
_REASON = re.compile(rf"\b(?:{_WHO})\b.{{0,200}}?\b(?:{_WHY})|\b(?:due to|because of|on) (?:{_WHY})", re.IGNORECASE)


def find_personal_details(text: str, *, ours: str = "") -> tuple[str, ...]:
    """What a text seems to hold, such as "a telephone number"; () for nothing. What stands in `ours` is none."""
    return tuple(dict.fromkeys(_find(text[:_LONGEST], _squeeze(ours))))


def _find(text: str, ours: str) -> Iterator[str]:
    for name, pattern in _MARKS:
        if any(not ours or _squeeze(match[0]) not in ours for match in pattern.finditer(text)):
            yield name
    if any(match[1] is None or _is_valid(match[1] + match[2] + match[3]) for match in _NHS.finditer(text)):
        yield "an NHS number"
    if any(_TITLED_NAME.search(one) and _OF_A_PERSON.search(one) for one in _SENTENCE.split(text)):
        yield "a person's name"


def _squeeze(text: str) -> str:
    return re.sub(r"[^\w@]", "", text).casefold()


def _is_valid(digits: str) -> bool:
    """Whether ten digits end in the check digit of an NHS number."""
    check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return check % 11 == int(digits[9]) and check != 10


# What is shown ------------------------------------------------------------------------------------------


def keep_back(text: str, *, ours: str = "") -> str:
    """A value as it may be shown: one that may name a person is kept back whole."""
    return KEPT_BACK if find_personal_details(text, ours=ours) else text


def keep_back_lines(words: str, *, ours: str = "") -> str:
    """Somebody's words as they may be shown: lines that may name a person are kept back, and why somebody is away."""
    shown = "\n".join(keep_back(line, ours=ours) for line in keep_back_reasons(words).split("\n"))
    return keep_back(shown, ours=ours)


def keep_back_reasons(words: str) -> str:
    """Somebody's words without the sentences that say why somebody is away."""
    return "\n".join(_keep_back_reasons_in(line) for line in words.split("\n"))


def _keep_back_reasons_in(line: str) -> str:
    said = _SENTENCE.split(line)
    told = [REASON_KEPT_BACK if _gives_reason(one) else one for one in said]
    return line if told == said else " ".join(told)


def _gives_reason(sentence: str) -> bool:
    return bool(_MAY_BE_REASON.search(sentence) and _REASON.search(sentence))


def show_return(submission: Submission, state: ReturnState, *, ours: str = "") -> Submission:
    """A submission as others may see it while its return is in a state.

    Until it is settled it shows nothing that may name a person. It is settled once the return is complete: a version
    without it has come, or the co-ordinator has taken it as it is.
    """
    words = keep_back_lines(submission.words, ours=ours)
    return replace(submission if state in _SETTLED else _mask(submission, ours), words=words)


def _mask(submission: Submission, ours: str) -> Submission:
    def shown(text: str) -> str:
        return keep_back(text, ours=ours)

    return replace(
        submission,
        figures=tuple(replace(f, note=shown(f.note), drove_it=shown(f.drove_it)) for f in submission.figures),
        narratives=tuple(_mask_narrative(one, ours) for one in submission.narratives),
        readings=tuple(replace(r, typed=shown(r.typed), recorded=shown(r.recorded)) for r in submission.readings),
        disputes=tuple((area, ref, shown(text)) for area, ref, text in submission.disputes),
        sign_off=replace(submission.sign_off, **{k: shown(v) for k, v in vars(submission.sign_off).items()}),
        remarks=tuple(map(shown, submission.remarks)),
    )


def _mask_narrative(told: Narrative, ours: str) -> Narrative:
    """Both parts are of one box: where one may name a person, the other may mean the same one."""
    is_kept = bool(find_personal_details(f"{told.text}\n{told.promise}", ours=ours))
    return replace(told, text=KEPT_BACK, promise="") if is_kept else told
