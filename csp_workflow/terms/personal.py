"""What may name a person, or say why somebody is away: recognised, and kept back wherever it would be shown.

Nobody but its sender's office needs it: the message and the form as they came are kept whole. "May" is enough, but a
return that holds such a thing waits until it is settled, so figures, places, references and help lines are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from csp_workflow.terms.given_names import GIVEN_NAMES
from csp_workflow.terms.messages import short_id
from csp_workflow.terms.returns import Narrative, ReturnState, Submission

PERSONAL = "personal-details"
"""The code of the finding that asks for what may name a person to be left out."""

KEPT_BACK = "[kept back: it may name a person; see the return]"
REASON_KEPT_BACK = "[kept back: why somebody is away]"

_LONGEST = 40_000
_NEAR = 120
"""Characters beside a name that say what somebody is named for."""

_SETTLED = {ReturnState.COMPLETE, ReturnState.APPROVED}

_GENERAL = (
    "info|information|enquir|contact|admin|office|help|support|press|media|hello|mail|post|csp|community|safety|safer|"
    "partnership|police|asb|cctv|wardens?|licensing|housing|cse|foi|events|analysts?|csu|crime|no-?reply|returns|"
    "data|team|service|council|customer|general|reception"
)
_EMAIL = re.compile(
    rf"(?<![\w.+-])(?!(?:{_GENERAL})[\w.+-]*@)[\w.+-]{{1,64}}@[\w-]{{1,63}}\.[\w.-]{{2,63}}"
    rf"|(?<![\w.+-])(?!(?:{_GENERAL})\b)[\w.+-]{{2,64}} ?[\[(]at[\])] ?[\w-]{{1,63}}\.[\w.-]{{2,63}}",
    re.IGNORECASE,
)
# No help line: numbers that begin with 03, 08 or 09 are nobody's own.
_TELEPHONE = re.compile(
    r"(?<![\d.,/])(?:(?:\+|00)44[ .-]?(?:\(0\)[ .-]?)?|\(?0)(?![389]|\d(?: \d\d){4})"
    r"\d(?:\)?[ .-]?\(?\d){8,9}\)?(?![\d/])(?!,? (?:\(|is )?(?:the |our )?(?:\w+'s )?(?:switchboard|helpline|"
    r"hotline|reception|main number))"
)
_POSTCODE = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-BD-HJLNP-UW-Z]{2}\b|\b[a-z]{2}\d{1,2} (?!\dst|\dnd|\drd|\dth)\d[abd-hjlnp-uw-z]{2}\b"
    r"|\b(?i:post ?code)\W{1,3}(?i:is )?[a-z]{1,2}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{2}\b"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_STREETS = (
    "Street|Road|Lane|Close|Avenue|Drive|Court|Crescent|Gardens|Terrace|Walk|Grove|Rise|Mews|Hill|Way|Place|Row|"
    "Rd|St|Ave|Ln|Cl|Dr|Cres"
)
_NUMBERED = ("week", "phase", "priority", "area", "ward", "route", "year", "junction", "measure", "bus", "day")
"""What a number before a street counts, and not its houses."""

_MANY = (
    "shops|stores|retailers|traders|businesses|premises|"
    "residents|properties|houses|homes|incidents|crimes|thefts|patrols"
)
_ADDRESS = re.compile(
    "".join(rf"(?<!\b(?i:{word}) )" for word in _NUMBERED)
    + r"(?<![\d.,/] )(?<![\d.,/-])"
    + rf"\b\d{{1,3}}[a-z]?,? (?:[A-Z][a-z'\u2019]+ ){{1,3}}(?:{_STREETS})\b(?! (?:{_MANY})\b)(?! [A-Z]\w+s\b)"
    + r"|\b\d{1,3}[a-z]?,? The (?:Green|Crescent|Close|Avenue|Drive|Paddock|Square|Croft|Mews|Terrace)\b"
    + r"|\b(?:lives|lived|living|resides|residing|address)(?: is| at| in)* (?:flat \w+,? |number |no\.? )?\d{1,3}\b"
)
_WHOLE_ADDRESS = re.compile(
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
_DATE = rf"(?:\d{{1,4}}(?:[/. -]+\d{{1,2}}[/. -]+\d{{1,4}}\b|(?:st|nd|rd|th)?,? (?:of )?{_MONTH}\b)|{_MONTH}\b)"
_BORN = re.compile(
    r"\b(?:d\.? ?o\.? ?b\.?|date of birth|birth ?date|birthday|born)(?![a-z])\W{0,5}"
    rf"(?:is |was |on |in )?(?:the )?{_DATE}|, \w+ \(?b\. ?(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_NUMBER_OF = re.compile(
    r"\b(?:passport|driving licence|bank account|sort code)(?: number| no\.?)?\W{1,3}"
    r"[a-z]{0,5}\d[\d -]{4,}[a-z]{0,3}\b",
    re.IGNORECASE,
)
_CASE_NUMBER = re.compile(
    # A structured number behind what is numbered: 26/1234567/14, LE-2014-0456, 14000123456; a financial year is none.
    r"\b(?:crime|case|incident|custody|occurrence|pnc|niche|offence|court|nominal)"
    r"(?: (?:reference|record|report|ref|number|no|id)\.?){0,2}\W{1,3}(?!\d{4}[/-]\d\d\b(?![/-]))"
    r"(?:[A-Z]{1,4}[/-])?(?:[A-Z\d]{2,7}[/-]){1,3}(?=\w*\d)[A-Z\d]{2,}\b"
    r"|\b(?:crime|case|incident|custody|occurrence|niche|urn)(?: (?:reference|record|ref|number|no)\.?){0,2}\W{1,3}"
    r"(?=[A-Z\d]*\d{6})[A-Z\d]{8,}\b"
    rf"|\bincident (?:number |no\.? )?\d{{1,4}} of (?:the )?\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}\b"
    r"|\b(?:ASB|DVA|DA|MARAC|MAPPA|DHR)[/-](?:\d{2}|\d{4})[/-]\d{2,}\b",
    re.IGNORECASE,
)
_PROFILE = re.compile(r"\b(?:facebook|instagram|tiktok)\.com/[a-z]+[.\d]\w", re.IGNORECASE)
_PLATE = re.compile(
    r"\b(?!FY|QE)[A-HJ-PR-Y]{2}\d{2} ?"
    r"(?!ASB|CSP|CSE|SOC|OCG|DVA|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-HJ-PR-Z]{3}\b"
)

_PERSON = (
    "victim|offender|suspect|perpetrator|complainant|witness|nominal|deceased|defendant|accused|child|boy|girl|"
    "baby|pupil|"
    "son|daughter|mother|father|wife|husband|girlfriend|boyfriend|sister|brother|resident|tenant|neighbour|patient|"
    "client|missing|man|woman|youth|teenager|lad|lady|mum|dad|uncle|aunt|cousin|grandson|granddaughter|partner|"
    "drinker|dealer|beggar|rough sleeper|user|occupant|occupier|dioddefwr|troseddwr|mab|merch|mam|tad"
)
_DONE_TO = (
    "arrested|assaulted|abused|raped|stabbed|attacked|convicted|charged|sentenced|killed|died|murdered|evicted|bailed"
)
_OTHER = "nursery|school|playgroup|club|cafe|shop|pub|store|surgery|centre|house|toys|team|project"
_NAME = r"[A-Z][a-z'\u2019]+(?:-[A-Z][a-z]+)?"
_PLACES = (
    "Persons|Engagement|Officer|Coordinator|Work|Worker|Care|Manager|Group|Forum|Link|Mediation|Club|Scheme|Hub|"
    "Way|Street|Road|Lane|Close|Avenue|Drive|Court|School|Nursery|Academy|Surgery|House|Hall|Park|Centre|Ltd|Limited|"
    "Council|Partnership|Support|Service|Services|Unit|Team|Police|Board|Housing|Options|Neighbourhood|"
    "University|College|Hospital|Project|Programme|"
    "Management|Protection|Sexual|Exploitation|First|Week|Day|January|February|March|April|June|July|August|September|"
    "October|November|December|Leicester|Leicestershire|Rutland|North|South|East|West|Safer|Community|Criminal|Youth"
)
_PLACE_AFTER = (
    rf"(?:{_PLACES}|{_STREETS}|Square|Trust|Foundation|Award|Estate|estate|Building|Theatre|Library|Church|"
    rf"Festival|Race|Cup|"
    "Foods|Charity|Fund|trust|signs|Bar|Fish|Education|Village|Education|Court|Stores|stores|Bank|Law|"
    "Report|report|Review|"
    "review|Inquiry|effect|launch|pub|club|nightclub|takeaway|shop|"
    "store|school|nursery|day|kettles|theft|thefts|speed|Speed|scheme|project|hostel|campus|allotments|Patch|audited|"
    "Memorial|Primary|Secondary|Junior|Infants|Pavilion|Arms|Inn|Hotel|cup|game|concert|match|show|film)"
)
_GIVEN = "(?:" + "|".join(sorted(GIVEN_NAMES)) + ")"
_SURNAME = rf"(?:O['\u2019]|Mc|Mac)?(?!{_PLACE_AFTER}\b){_NAME}"
_FULL_NAME = rf"(?=[A-Z])(?!(?:\S{{1,30}} )?(?:{_PLACES})\b){_NAME} (?:[A-Z]\.? )?(?!(?:{_PLACES})\b){_NAME}"
_NAMES = re.compile(
    rf"\b(?i:{_PERSON})(?:'s name)?(?: is| was)?,? ?(?:named|called|known as|[:=\u2013-])\s*\W?{_NAME}"
    rf"|\b(?i:{_PERSON}),? {_FULL_NAME}|\b(?i:{_PERSON}),? (?:[A-Z]\.){{2,3}}"
    rf"|{_FULL_NAME},? (?:\((?:aged )?\d{{1,2}}[MFmf]\)|\(?aged? \d{{1,2}}\b(?! ?(?:to|-|\u2013|and|or|\+)))"
    rf"|{_FULL_NAME},? (?:the (?:{_PERSON})\b|(?:was|were|has been|is) (?:{_DONE_TO})\b)"
)
_TITLED_NAME = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Master|Rev)\.? (?:[A-Z]\.? )?"
    rf"(?!(?:{_NAME} )?(?:{_PLACES})\b){_NAME}\b(?! (?:{_OTHER})\b)"
)
_CASE = (
    "injunction|order against|restraining|asbo|cbo|crasbo|abc|banned|ban on|breached|pleaded|guilty|sentenced|jailed|"
    "remanded|charged with|arrested|convicted|charged|bailed|cautioned|evicted|excluded|burgled|assaulted|"
    "stabbed|robbed|"
    "raped|abused|killed|murdered|died|dementia|appeal|appealed|ppo|mappa|marac|dhr|on a plan|warning|dispersal|"
    "dispersed|"
    "domestic|marriage|groomed|threatened|stalked|harassed|lives|lived|moved out|in custody|in prison|released|"
    "statement|supported by|neighbour|knife|knives|months for|years for|got|case|served with|withdrawn|family of|list|"
    "warrant|overdosed|suicide|pregnant|disabled|deaf|schizophrenia|depression|autistic|addict|alcoholic|homeless|"
    "was seen|was found|caught|spoken to|visited at|known to|number \\d+|[Bb]egging|sisters|brothers|boys|girls|"
    "caller|kids|sober|children were|year-old"
)
_OF_A_PERSON = re.compile(rf"\b(?:{_PERSON}|{_DONE_TO}|{_CASE})\b", re.IGNORECASE)
# Who does the work may be named: by rank, by what they do, or as whom to ask.
_RANKS = (
    "Rev|Worker|IDVA|Trainer|Warden|Cllr|Councillor|Mayor|PC|PCSO|Sgt|Sergeant|Inspector|Insp|DI|DS|DC|"
    "DCI|DSU|Supt|Superintendent|Constable|"
    "Commissioner|Sir|Lord|Lady|Dame|MP|Judge|Rev|Chair|Manager|Officer|Co-?ordinator|Lead|Analyst|Director|Head|Chief"
)
_WORK = (
    "chaired|chairs|led|leads|presented|presents|manages|managed|attended|attends|advises|advised|reports|runs?|"
    "ran|brings?|"
    "supports|started|trained|co-?ordinates|gave (?:the|a) talk|spoke|signed|hosts|hosted|teaches|"
    "trained|trains|wrote|drafted|checked|sends?|"
    "took over|takes over|joined|joins|replaced|replaces|retired|starts|patrolled|visits|opened|covers|is away|"
    "is on leave|does|"
    r"(?:has|have|will|can|would|shall) (?:\w+ )?(?:taken over|sent?|signed?|checked?|agreed?|joined?|retired?|"
    r"asked?|the|lead|"
    "bring|chair|attend|answer|like to see|report|do|start|replace|present|help|draft|cover)"
)
_ROLE = re.compile(
    rf"\b(?i:{_RANKS}|staff|colleagues?|thanks|thank you|contact|author|owner|copy(?:ing)? in|speak|talk|ask|"
    rf"e-?mail|write|"
    r"send|sent|given|regards|hi|hello|dear|ring|(?:approved|completed|signed|prepared|written|drafted|led|"
    r"chaired|agreed) (?:off )?by),?:?"
    r" (?:(?:go|to|is|was|now|in|the|it|everything|with|our) ){0,3}(?:[A-Z]\w+,? ){0,2}(?:\S+ \S+ and )?$"
)
_OF_WORK = (
    r"[A-Z\d][\w'\u2019-]*|of|the|and|for|our|new|a|from|is|with|at|your|who|community|safety|"
    r"safeguarding|domestic|abuse"
)
_ROLE_AFTER = re.compile(
    rf"^,?(?: and \S+ \S+)?,? [(\u2013-]? ?(?:(?:{_OF_WORK})[ ,/&-]{{1,3}}){{0,5}}(?:(?i:{_RANKS}|consultant|"
    rf"practitioner|solicitor|worker)\b"
    r"|(?:Partnership|Council|Police|Services?|Health|Housing|Team|CSP|IDVA|LSCB|service|team)\b)"
    rf"|^(?:,? and \S+ \S+| of (?:the )?[A-Z]\w+(?: [A-Z]\w+){{0,3}}|"
    rf" \([^)]{{1,40}}\))?,? (?:(?!who\b)\w+ )?(?:{_WORK})\b"
)
_NOT_A_PLACE = rf"(?!['\u2019]s (?:{_PLACE_AFTER}))(?!,? (?:\w+ )?{_PLACE_AFTER}\b)"
_LETTERED = "".join(
    rf"(?<!\b{word} )"
    for word in (
        *("Appendix", "Annex", "Table", "Part", "Section", "Schedule"),
        *("Option", "Grade", "Class", "Group", "Area"),
    )
)
"""What a single letter may be the number of, at the end of a sentence: "Appendix A. It ..."."""
_BEARS_NAME = re.compile(
    rf"\b(?:{_GIVEN}|{_LETTERED}[A-Z]\.) (?:[A-Z]\.? )?{_SURNAME}\b{_NOT_A_PLACE}"
    rf"(?!(?:,? (?:and )?[A-Z]\w+){{0,4}},? (?:\w+ )?{_PLACE_AFTER}\b)"
)
_GIVEN_ALONE = re.compile(
    rf"(?<![A-Z][a-z] )(?<![a-z]-)\b(?<!\b[A-Z]\. ){_GIVEN}\b{_NOT_A_PLACE}(?!['\u2019]s [A-Z])(?! [A-Z&])(?!-)"
)
_CLOSE = (
    r"\b(?:(?i:son|daughter|mother|father|mum|dad|wife|husband|girlfriend|boyfriend|sister|brother|partner|"
    r"cousin|boy|girl|baby|child|"
    rf"pupil|teenager|(?:year|yr)[ -]old|dhr|name is|mab|merch)\b(?: is|"
    rf" was)?[,:]? {_GIVEN}\b(?! (?:\w+ )?{_PLACE_AFTER}\b)"
    rf"|{_GIVEN} (?:\(\d{{1,2}}\)|is \d{{1,2}}\b))|\b[A-Z]{{2,}}, {_GIVEN}\b"
    rf"|\b{_GIVEN} {_SURNAME},? \(?(?:aged )?\d{{1,2}}\b(?! (?:{_MONTH}|per|of|to|\w+s\b))"
    rf"|\b{_GIVEN} and {_GIVEN} {_SURNAME}\b(?! {_PLACE_AFTER}\b)|\bknown as (?:Big |Little )?{_GIVEN}\b"
)
_IS_CLOSE = re.compile(_CLOSE)
"""A given name beside kin, an age, or a surname in capitals: somebody is meant, whatever else is said."""

_SENTENCE = re.compile(r"(?<=[.!?;])(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bRev\.)(?<!\b[A-Z]\.)\s+|\n+")

_MARKS = (
    ("an email address", _EMAIL),
    ("a phone number", _TELEPHONE),
    ("a postcode", _POSTCODE),
    ("an address", _ADDRESS),
    ("an address", _WHOLE_ADDRESS),
    ("a National Insurance number", _INSURANCE),
    ("a number of a person's papers", _NUMBER_OF),
    ("a case number", _CASE_NUMBER),
    ("a person's page", _PROFILE),
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


@lru_cache(maxsize=4096)  # the same words are looked at again with each version, letter and paper that shows them
def find_personal_details(text: str, *, ours: str = "") -> tuple[str, ...]:
    """What a text seems to hold, such as "a phone number"; () for nothing. What stands in `ours` is none."""
    # In the name of a file or a sheet an underscore is a blank.
    return tuple(dict.fromkeys(_find(text[:_LONGEST].replace("_", " "), _squeeze(ours))))


def _find(text: str, ours: str) -> Iterator[str]:
    for name, pattern in _MARKS:
        if any(not ours or _squeeze(match[0]) not in ours for match in pattern.finditer(text)):
            yield name
    if any(match[1] is None or _is_valid(match[1] + match[2] + match[3]) for match in _NHS.finditer(text)):
        yield "an NHS number"
    if any(map(_names_somebody, _SENTENCE.split(text))):
        yield "a person's name"


def _names_somebody(sentence: str) -> bool:
    """Whether a sentence names somebody to whom something happened; who only reports or signs is none."""
    if _IS_CLOSE.search(sentence):
        return True
    names = (*_BEARS_NAME.finditer(sentence), *_TITLED_NAME.finditer(sentence))
    told = [one for one in names if not _has_role(sentence, one)]
    if _OF_A_PERSON.search(sentence):
        told += [one for one in _GIVEN_ALONE.finditer(sentence) if not _has_role(sentence, one)]
    return bool(told)


def _has_role(sentence: str, name: re.Match[str]) -> bool:
    """Whether somebody is named for their work, or stands alone: who signs, and whom a column asks for."""
    before, after = sentence[max(0, name.start() - _NEAR) : name.start()], sentence[name.end() : name.end() + _NEAR]
    is_alone = not re.search(r"\w", before + after)
    return bool(is_alone or _ROLE.search(before) or _ROLE_AFTER.search(after))


def _squeeze(text: str) -> str:
    return re.sub(r"[^\w@]", "", text).casefold()


def _is_valid(digits: str) -> bool:
    """Whether ten digits end in the check digit of an NHS number."""
    check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return check % 11 == int(digits[9]) and check != 10


# What is shown ------------------------------------------------------------------------------------------


def keep_back(text: str, *, ours: str = "", see: str = "see the return") -> str:
    """A value as it may be shown: one that may name a person is kept back whole, and it is said where to `see` it."""
    return KEPT_BACK.replace("see the return", see) if find_personal_details(text, ours=ours) else text


def keep_back_lines(words: str, *, ours: str = "", see: str = "see the return") -> str:
    """Somebody's words as they may be shown: lines that may name a person are kept back, and why somebody is away."""
    shown = "\n".join(keep_back(line, ours=ours, see=see) for line in keep_back_reasons(words).split("\n"))
    return keep_back(shown, ours=ours, see=see)


def point_to(message: str) -> str:
    """Where the co-ordinator sees what is kept back of a message of such an id."""
    return f"SHOW {short_id(message)} brings it"


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
