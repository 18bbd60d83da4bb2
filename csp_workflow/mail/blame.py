"""Whose fault it is that a letter came back: from a mail system's code, words and action to one of five answers.

The codes are those of RFC 3463 and the IANA registry, and what Exchange adds to them; the words are those that mail
programs use. A code says less than the words beside it, so plain words come first. Only what is certain for good may be
"dead": that marks an address.
"""

from __future__ import annotations

import re

from csp_workflow.terms.messages import Blame

_LOOKED_AT = 4_000


def judge_blame(status: str, words: str, action: str) -> Blame:
    """Whose fault it is, from a `status` ("5.1.1"), the other side's `words` and an `action` ("failed"); "" for none.

    Whatever is still being tried is passing. A code that begins with 4 is of a fault that passes, so a letter that
    failed with one was given up.
    """
    said = _flatten(words)
    if action == "delayed":
        return Blame.PASSING
    reply = _REPLY.search(said)
    is_passing_code = status.startswith("4") or bool(not status and reply and reply[1] == "4")
    for blame, names in _WORDS:
        if names.search(said) and not (blame is Blame.DEAD and is_passing_code):
            return blame
    by_code = next((blame for pattern, blame in _CODES if pattern.match(status)), None)
    if by_code is None and is_passing_code:
        by_code = Blame.GIVEN_UP if action == "failed" else Blame.PASSING
    return by_code or next((blame for blame, names in _FAINT_WORDS if names.search(said)), Blame.UNCLEAR)


def is_still_tried(words: str) -> bool:
    """Whether the words say that the letter is late and not lost."""
    said = _flatten(words)
    return bool(_STILL_TRIED.search(said)) and not _OVER.search(said)


def is_named(words: str) -> bool:
    """Whether the words say by themselves, without a code, whose fault it is."""
    return any(names.search(_flatten(words)) for _, names in _WORDS)


def _flatten(words: str) -> str:
    """On one line, without the codes that an answer of several lines repeats at the head of each."""
    return _REPEATED.sub("", " ".join(words[:_LOOKED_AT].split()))


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_STILL_TRIED = _any(
    r"not yet been delivered",
    r"will be retried",
    r"(?:still|keep) (?:being )?try",
    r"still undelivered",
    r"attempts? (?:to deliver \w+ \w+ )?will continue",
    r"do not need to (?:resend|send)",
    r"no action is required",
    r"this is a warning",
    r"delivery (?:to the following recipients? )?(?:has been|is|was) delayed",
    r"will (?:continue|keep) (?:to try|trying)",
)
_OVER = _any(
    r"(?:given|giving|gave) up",
    r"not going to try",
    r"queue too long",
    r"permanent(?:ly)?\b",
    r"no further",
    r"deleted from queue",
    r"expired",
)
_REPLY = re.compile(r"(?:^|[\s'\"<(\[:;])([45])[0-5]\d[ -]")
_REPEATED = re.compile(r"\b[45]\d\d-(?:[45]\.\d{1,3}\.\d{1,3})? ?")

_FULL = _any(
    r"(?:mail ?(?:box|folder|file)|inbox|account|user|recipient|disk|store|storage)(?:'s)?\b.{0,60}?"
    r"\b(?:is |are |was )?(?:almost )?(?:full\b|over(?: the| its| their| allotted)?[ -]?(?:disk )?quota|"
    r"out of (?:storage|space|disk))",
    r"\b(?:over|out ?of|exceed\w*|above|beyond) (?:\w+ ){0,3}quota|quota (?:\w+ ){0,3}(?:exceed|violat|full|limit)|"
    r"quotaexceeded",
    r"mailbox(?: \S+)? (?:size|limit|exceeds|has exceeded|storage)|mailbox exceeds",
    r"(?:insufficient|not enough|no|out of|low on) (?:system |disk |mail ?box |free )*(?:storage|space)\b",
    r"(?:number of messages|messages) in (?:the )?(?:recipient|user)\S* mailbox exceed",
    r"no space left",
    r"(?:postfach|mailbox) (?:ist )?(?:voll|überfüllt)|bo[iî]te (?:\w+ ){0,3}pleine|skrzynka (?:\w+ )?(?:jest )?pełna",
)
_OURS = _any(
    # Who we say we are.
    r"\b(?:spf|dkim|dmarc|arc|sender policy framework|domainkeys)\b",
    r"senderid\b|purported responsible",
    r"unauthenticated|not authenticated|(?:fail\w*|without|no|not have) (?:to pass )?(?:sender )?authenticat|"
    r"authentication (?:required|checks? fail|information)",
    r"authrequired|rst\.(?:notauth|restricted|sendernotauth|aclcheck)|requires? that all senders",
    r"(?:not (?:allowed|permitted|authori[sz]ed|entitled)|no permission|n't have permission|"
    r"insufficient permission)s?(?: to (?:send|post|relay|submit|mail|access)|$)",
    r"(?:not|n.t|no longer) accepts? (?:any )?(?:e-?)?mail (?:from|sent|without)|allowed senders|"
    r"only accepts? (?:messages|mail) from|rcpthosts",
    r"(?:server|sender) requires confirmation",
    r"not a (?:member|registered gateway)|members? only|moderated list|google groups",
    r"\bsender\b.{0,40}?\b(?:reject|denied|refus|block|black|invalid|unknown|verif|not (?:allow|accept|exist|"
    r"pre-?approved)|unverif|empty|is not)",
    r"(?:reject|den[iy]|refus|block|invalid|unroutable|unverif\w*|bogus|bad|black-?listed|"
    r"unknown)\w*.{0,20}?\b(?:senders?\b|envelope from|mail ?from\b|return[ -]path)",
    r"domain of sender|your (?:\w+ ){0,2}(?:domain|address) (?:is|was|has)|from: domain|"
    r"no such domain \S+ in sender|batv|backscatter",
    r"in reply to (?:mail from|ehlo|helo|end of data)? ?(?:mail from|ehlo|helo) command|"
    r"after (?:mail from|ehlo|helo|initial connection)",
    r"(?:my|your) (?:host)?name was rejected|helo (?:\w+ ){0,2}(?:reject|invalid)|invalid domain name",
    # Where we send from.
    r"black-?list|block-?list|deny-?list|\bdns[bw]l|\b(?:rbl|uribl|surbl)\b|blocked using|spamhaus|spamcop|sorbs|"
    r"senderbase|abuseat",
    r"reputation|(?:banned|blocked|bad|suspicious|denied|forbidden) (?:sending )?ip\b|"
    r"\bip (?:address )?(?:\S+ )?(?:is |was |has been |source )?(?:block|black|ban|reject|bloqu)",
    r"\bptr\b|reverse[ -](?:dns|lookup)|\brdns\b|ip name lookup|hostname lookup fail|mismatches? client ip|"
    r"may not be mail exchanger",
    r"client host (?:\S+ )?(?:reject|block)|host network not allowed|open relay|invalid ip for sending|no access from",
    r"messages? from \S+ (?:temporarily deferred|we\S+n't sent|was not sent)|complaints|daily (?:relay )?quota|"
    r"blocked by|blocked for|error code.{0,80}blocked",
    r"relay(?:ing)? (?:\S+ ){0,2}(?:denied|not (?:allowed|permitted)|prohibited|forbidden|access)|mail relay\b|"
    r"no relaying|(?:to|for) relay mail|not (?:allowed|permitted|configured) to relay|relay not permitted",
    # What we sent.
    r"\bspam\b|spam[ -]?(?:detect|score|mes|filter|sig)|\bspammy|unsolicited|\bube\b|\bbulk mail|\bjunk\b|phish|"
    r"likely suspicious",
    r"\bvirus|malware|infected|trojan|banned (?:content|file)|potential(?:ly)? (?:security|danger)|security issue",
    r"content (?:\w+ )?(?:reject|refus|not (?:allow|accept)|block|filter|restriction)|"
    r"message (?:was )?(?:filtered|content)|rejected by (?:a )?(?:content|filter|rule)|mail rejet",
    r"polic(?:y|ies)\b(?!.{0,4}/)|protocol violation|administrative prohibition|delivery not authori[sz]ed|"
    r"message refused|redundant",
    r"(?:attachment|file|extension)\S* (?:\w+ ){0,4}(?:not (?:allow|accept|permit)|blocked|prohibit|forbid|reject|"
    r"refus)|(?:blocked|prohibited|forbidden|illegal|unacceptable) (?:attachment|file)",
    r"(?:message|mail|header|size)s? (?:\w+ ){0,4}(?:too (?:large|big)|exceed\w*|over (?:the )?(?:limit|size))|"
    r"(?:line|header)s?(?: is| are)? too long|\btoo (?:large|big)\b|(?:size|length|line) limit|recipsizelimit|"
    r"maximum (?:message )?size|"
    r"max message size",
    r"improper sequence|not implemented|malformed address|syntax error|command (?:parameter|unrecogni|sequence)",
    r"rfc ?\d* compliant|not rfc|multiple (?:addresses|subject)|duplicated? (?:header|message-id)|header error|"
    r"8-bit data|improper use|media error|bare (?:lf|line)",
)
_BUSY = _any(
    r"gr[ea]y-?list",
    r"(?:rate|frequency|connection|hourly|message)s? (?:\w+ )?limit(?!.{0,20}reputation)|frequency limited|"
    r"rate that prevents|throttl",
    r"too many (?:recipients|connections|concurrent|sessions|messages)",
)
_GONE = _any(
    r"(?:user|recipient|mail ?box|account|address|addressee|person|alias|usuario|destinataire)(?:\(s\)|s)?(?: name|"
    r" address)? (?:\S+ )?(?:is |was |are )?(?:unknown|not (?:be )?(?:found|known|listed|exist)|inconnue?|unbekannt|"
    r"inexist|nieznan)",
    r"(?:unknown|invalid|illegal|non-?existent|nonexisting|bad|no such|no valid|not a valid|unrecogni[sz]ed|"
    r"unresolvable|inactive|not found|undeliverable|unknown or illegal|unknown or invalid)(?: or \w+)? "
    r"(?:local |virtual |final delivery |e-?mail |destination |mailbox )*(?:user(?:id)?s?|recipients?|"
    r"mail ?box(?:es)?|account|address(?:es)?|alias|person|addressee|inbox)\b(?! mail)",
    r"no (?:such )?(?:user|mail ?box|account|person|recipient)s? (?:here|by that name|with that|\S+ here|exists?|"
    r"available for)|no mailbox here|not an? (?:known|active|valid) (?:user|address|mail ?box|recipient)|"
    r"bad_recipient|final e?-?mail delivery point",
    r"(?:deactivated|disabled|closed|expired) (?:mail ?box|account|address)|casilla (?:ha )?expirad|"
    r"name or service not known",
    r"(?:user|account|mail ?box|address|recipient)\b.{0,60}?\b(?:does ?n.t|do ?n.t|does not|do not|did not|"
    r"didn't) exist|user not exist|n.existe (?:pas|plus)|existiert nicht|no existe|nie istnieje|non esiste|"
    r"bestaat niet",
    r"does ?n.t have an? \S+ account|not listed in|not our (?:customer|user)|"
    r"no longer (?:on|at|here|valid|active|exists?|in use|with)|has moved|(?:moved|gone)(?:,| -)? no forward",
    r"mailbox unavailable|mailbox not (?:found|available)|recipnotfound|recipientnotfound|"
    r"resolver\.adr\.\w*notfound|recipient not found|remote server returned unknown",
    r"adresse (?:\w+ ){0,5}invalide|empf.nger (?:\w+ )?unbekannt|unzustellbare? adresse",
    r"(?:account|user(?:\(s\))?|mailbox|compte)\b.{0,50}?\b(?:is |are |was |has been |been |est |"
    r"temporar\w+ )(?:disabled|"
    r"inactive|deactivated|suspended|discontinued|frozen|terminated|closed|locked|deleted|blocked|bloqu)",
    r"(?:account|user|mailbox|address|recipient) (?:disabled|inactive|deactivated|suspended|discontinued|terminated)",
    r"5\.4\.1 .{0,80}recipient address(?:es)? rejected|\b(?:521|556) |disabled recipient|unrouteable address|"
    r"unroutable address|user reject",
    r"(?:was|were|could|can)(?: ?n.t| ?not) (?:be )?found|no longer accepts? (?:any )?(?:e-?)?mail\b(?! from)|"
    r"(?:account|mailbox|user) (?:has |is )?expired",
    r"host unknown|unknown host|host not found(?!, try)|"
    r"(?:no such|invalid|unknown|illegal) (?:host(?:/domain)?|domain)|"
    r"domain (?:\S+ )?(?:name )?(?:does not exist|not found|is invalid|is not reachable|may not exist)",
    r"does not exist(?! e2110)|find any host named|find a mail exchanger|host \S+ not found|recipient domain \S+ not",
    r"(?:not|n.t) accept(?:ing)? (?:any )?(?:e-?)?mail\b(?! from| sent| without)|"
    r"no (?:mx|mail exchanger)s?\b.{0,12}(?:found|record)|"
    r"null mx|indicated no (?:smtp|mail) service",
)
_GAVE_UP = _any(
    r"expired|giving up|gave up|given up|not going to try|nobody will try|queue too long|too long in|for too long|"
    r"been in the queue",
    r"retry (?:time ?out|limit)|(?:after|for) (?:the last )?\d+ (?:days?|hours?|attempts?|seconds?|minutes?)|"
    r"failed \d+ attempts|multiple retries|for a long time",
    r"timed? ?out|connection (?:refused|reset|dropped|lost|failed)|lost connection|no route to host|unreachable|"
    r"not reachable|unable to (?:connect|contact|establish)|wasn.t able to establish",
    r"hop count|too many hops|mail(?:ing)? loop|routing loop|loops? (?:back|detected)|looping",
    r"name serv(?:er|ice)|dns (?:lookup|query|error)|network error|did not accept our requests|"
    r"could not (?:be )?(?:reach|connect)|find a gateway|not able to connect|not responding|delivered within",
    r"(?:zu lange|abgelaufen|expir[ée])",
)
_WORDS = (
    (Blame.PASSING, _FULL),
    (Blame.PASSING, _BUSY),
    (Blame.OURS, _OURS),
    (Blame.DEAD, _GONE),
    (Blame.GIVEN_UP, _GAVE_UP),
)
"""The first that is said counts: a server that refuses our mail often calls the address "rejected" beside it."""

_FAINT_WORDS = (
    (Blame.UNCLEAR, _any(r"recipient address rejected")),
    (
        Blame.PASSING,
        _any(r"system (?:error|problem)|mailer error|unavailable|internal error|pipe to|try (?:again )?later"),
    ),
    (Blame.OURS, _any(r"access denied|\brejected\b|\bblocked\b|\brefused?\b|not (?:allowed|accepted)|forbidden")),
)
"""What is heard only where neither a code nor plainer words tell anything."""

_CODES = (
    (re.compile(r"5\.1\.(?:[78]|27)$"), Blame.OURS),
    (re.compile(r"5\.1\.[1-9]\d*$"), Blame.DEAD),
    (re.compile(r"5\.2\.1$"), Blame.DEAD),
    (re.compile(r"[45]\.2\.2$"), Blame.PASSING),
    (re.compile(r"5\.2\.3$|5\.3\.4$"), Blame.OURS),
    (re.compile(r"5\.3\.[0-35]$"), Blame.PASSING),
    (re.compile(r"5\.4\.(?:4|310)$"), Blame.DEAD),
    (re.compile(r"5\.4\.\d+$"), Blame.GIVEN_UP),
    (re.compile(r"5\.7\.1[378]$"), Blame.DEAD),
    (re.compile(r"5\.[67]\.\d+$"), Blame.OURS),
)
