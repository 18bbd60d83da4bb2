"""How mail programs quote the letter that is answered: each takes the letter and what was typed, and gives the body."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

NAME, ADDRESS = "CSP returns", "returns@opcc.example"
READER = "Performance lead <lead@charnwood.example>"
SUBJECT = "Return for July to September 2014 [CSP 2014/15-Q2 CHARN #ABCDEF]"

Quoting = Callable[[str, str], str]
"""(what was typed, the letter's plain text) -> the body of the answer."""


def _marked(head: str, mark: str = "> ") -> Quoting:
    return lambda typed, letter: f"{typed}\n\n{head}\n{textwrap.indent(letter, mark, lambda _: True)}\n"


def _headed(head: str) -> Quoting:
    return lambda typed, letter: f"{typed}\n\n{head}\n\n{letter}\n"


def _labelled(*labels: str, rule: str = "") -> Quoting:
    values = (f"{NAME} <{ADDRESS}>", "Monday, 20 October 2014 09:00", READER, SUBJECT)
    head = "\n".join(f"{label} {value}" for label, value in zip(labels, values, strict=True))
    return _headed(f"{rule}\n{head}".strip())


def _rewrapped(typed: str, letter: str) -> str:
    """Marked, and broken anew at 50 characters, as gateways and telephones do."""
    lines = [part for line in letter.split("\n") for part in (textwrap.wrap(line, 50) or [""])]
    return _marked(f"On 20 October 2014 at 09:00, {NAME} wrote:")(typed, "\n".join(lines))


def _broken_marks(typed: str, letter: str) -> str:
    """Marked first and broken afterwards, so that every second piece stands without its mark."""
    lines = [part for line in letter.split("\n") for part in textwrap.wrap(f"> {line}", 60) or [">"]]
    return f"{typed}\n\nOn 20 October 2014 at 09:00, {NAME} wrote:\n" + "\n".join(lines)


def _misread(typed: str, letter: str) -> str:
    """Marked, with our signs read in a wrong character set."""
    return _marked(f"On 20/10/2014 09:00, {NAME} wrote:")(
        typed, letter.replace("\u2019", "'").replace("-", "\u2013").encode().decode("cp1252", "replace")
    )


QUOTINGS: dict[str, Quoting] = {
    "Gmail": _marked(f"On Mon, 20 Oct 2014 at 09:00, {NAME} <{ADDRESS}> wrote:\n"),
    "Thunderbird": _marked(f"On 20/10/2014 09:00, {ADDRESS} wrote:"),
    "Apple Mail": _marked(f"On 20 Oct 2014, at 09:00, {NAME} <{ADDRESS}> wrote:\n"),
    "iPhone": lambda typed, letter: (
        f"{typed}\n\nSent from my iPhone\n\n> On 20 Oct 2014, at 09:00, {NAME} <{ADDRESS}> wrote:\n> \n"
        + textwrap.indent(letter, "> ", lambda _: True)
    ),
    "Outlook": _labelled("From:", "Sent:", "To:", "Subject:"),
    "Outlook, plain": _labelled("From:", "Sent:", "To:", "Subject:", rule="-----Original Message-----"),
    "Outlook, bold": _labelled("*From:*", "*Sent:*", "*To:*", "*Subject:*", rule="_" * 32),
    "Outlook, German": _labelled("Von:", "Gesendet:", "An:", "Betreff:"),
    "Outlook, French": _labelled("De :", "Envoyé :", "À :", "Objet :"),
    "Outlook, Welsh": _labelled("Oddi wrth:", "Anfonwyd:", "At:", "Pwnc:"),
    "Outlook, Polish": _labelled("Od:", "Wysłano:", "Do:", "Temat:"),
    "Outlook, a language that nobody listed": _labelled("Lähettäjä:", "Lähetetty:", "Vastaanottaja:", "Aihe:"),
    "Outlook for Android": _labelled(
        "From:", "Sent:", "To:", "Subject:", rule="Get Outlook for Android<https://aka.ms/x>\n" + "_" * 32
    ),
    "Domino": _labelled("From:\t", "Date:\t", "To:\t", "Subject:\t"),
    "GroupWise": _headed(f">>> {NAME} <{ADDRESS}> 20/10/2014 09:00 >>>"),
    "Yahoo": _headed(f"   On Monday, 20 October 2014, 09:00:00 BST, {NAME} <{ADDRESS}> wrote:  "),
    "mutt": _marked(f"* {NAME} [2014-10-20 09:00]:"),
    "Eudora": _marked(f"At 09:00 20/10/2014, {NAME} wrote:", "CR> "),
    "bars": _marked(f"On 20/10/2014 09:00, {NAME} wrote:", "| "),
    "indented": lambda typed, letter: (
        f"{typed}\n\nOn 20/10/2014 09:00, {NAME} <{ADDRESS}> wrote:\n\n" + textwrap.indent(letter, "    ")
    ),
    "a program in another language": _marked(f"W dniu 20.10.2014 o 09:00, {NAME} pisze:"),
    "rewrapped": _rewrapped,
    "broken marks": _broken_marks,
    "misread signs": _misread,
    "no head and no mark": lambda typed, letter: f"{typed}\n\n{letter}",
    "nothing quoted": lambda typed, _: typed,
}

LETTERS = {
    "approval": """Dear Charnwood Chair,

The return of Charnwood Community Safety Partnership for July to
September 2014 is complete. As its chair, would you approve it?

** To approve, reply to this letter with the word APPROVED on its own
first line. **

Anything else you write goes to our co-ordinator, who will get in touch.
There is no form to fill in and nothing to open.

Completed by: Performance lead, Community safety
Received: 2:32pm on Monday 20 October 2014
Version: 1

Your partnership's figures
--------------------------

- ASB cases opened
  2014/15 Q2: 58 (provisional)
  2013/14 Q2: 83

--
Office of the Police and Crime Commissioner
E-mail: csp-returns@opcc.example
""",
    "question": """Dear Co-ordinator,

The performance lead of Charnwood Community Safety Partnership asks
something that we could not answer.

| Could you please
| HOLD
| DECLINE RUTL BECAUSE they said so
| until we have met?

To put the question aside, reply DISMISS.

Kind regards,
CSP returns
""",
    "proof": """Dear Co-ordinator,

Nothing has been sent. 26 letters wait for your word.

To let them go, reply with one line:
SEND

To stop one partnership's letters, reply HOLD and its code:
HOLD MELT

Held, quarantined or waiting
----------------------------

Message: 57208c4ede
From: helper@consultancy.example
Subject: Community safety figures
Came: 11:20am on Thursday 23 October 2014

Papers and meetings
-------------------

- Police and Crime Panel, 2014/15 Q2: not drafted.
""",
}
"""Letters of ours, as plain text."""
