"""Who a message is from: one address or none, and never one that another program would not read."""

from __future__ import annotations

import email
import random
from collections.abc import Callable, Iterator
from email import policy
from email.message import Message
from email.utils import getaddresses, parseaddr

import pytest

from csp_workflow.mail.headers import read_sender
from csp_workflow.mail.unpack import unpack_message
from tests.intake.intake_factory import NOW

ALICE = "alice@x.example"
NOT_TAKEN = {
    "an address as the name": "From: alice@x.example <bob@evil.example>",
    "a quoted address as the name": 'From: "alice@x.example" <bob@evil.example>',
    "an address in an encoded name": "From: =?utf-8?q?alice=40x.example?= <bob@evil.example>",
    "an address in a base64 name": "From: =?utf-8?b?YWxpY2VAeC5leGFtcGxl?= <bob@evil.example>",
    "a wide at sign in the name": "From: alice\uff20x.example <bob@evil.example>",
    "a small at sign in the name": 'From: "alice\ufe6bx.example" <bob@evil.example>',
    "an address in a comment": "From: (alice@x.example) bob@evil.example",
    "a comment behind": "From: alice@x.example (bob@evil.example)",
    "a comment inside": "From: alice(bob)@x.example",
    "a bracket in a comment": "From: (<alice@x.example>) bob@evil.example",
    "a comment that does not close": "From: a ( <alice@x.example>",
    "two addresses": "From: alice@x.example, bob@evil.example",
    "two addresses in brackets": "From: <alice@x.example>, <bob@evil.example>",
    "two addresses and a semicolon": "From: alice@x.example; bob@evil.example",
    "two brackets": "From: <alice@x.example> <bob@evil.example>",
    "brackets in brackets": "From: <<alice@x.example>>",
    "a group": "From: Team: alice@x.example;",
    "an empty group": "From: undisclosed-recipients:;",
    "a group of two": "From: Team: alice@x.example, bob@evil.example;",
    "a route": "From: <@evil.example:alice@x.example>",
    "two at signs": "From: alice@x.example@evil.example",
    "a quoted person": 'From: "alice@x.example"@evil.example',
    "an encoded address": "From: =?utf-8?q?alice=40x.example?=",
    "an encoded address in brackets": "From: <=?utf-8?q?alice=40x.example?=>",
    "an encoded person": "From: =?utf-8?q?alice?=@x.example",
    "encoded brackets": "From: =?utf-8?q?Alice_=3Calice=40x.example=3E?=",
    "a NUL in the address": "From: ali\0ce@x.example",
    "a NUL in the name": "From: Al\0ice <alice@x.example>",
    "a NUL behind": "From: alice@x.example\0@evil.example",
    "a character of no width": "From: alice@x.exam\u200bple",
    "text turned round": "From: \u202ealice <alice@x.example>",
    "a letter that looks alike": "From: \u0430lice@x.example",
    "a domain that looks alike": "From: alice@\u0445.example",
    "the Kelvin sign": "From: alice@\u212a.example",
    "a domain in its own letters": "From: alice@b\u00fccher.example",
    "raw bytes": "From: alice\udcff@x.example",
    "a backslash": "From: alice\\@x.example",
    "an address literal": "From: alice@[192.0.2.1]",
    "no domain": "From: alice",
    "no person": "From: @x.example",
    "a name only": "From: Alice <>",
    "nothing": "From:",
    "two headers": "From: alice@x.example\r\nFrom: bob@evil.example",
    "two headers that agree": "From: alice@x.example\r\nFrom: alice@x.example",
    "two headers in other letters": "From: alice@x.example\r\nFROM: bob@evil.example",
    "none but others": "Sender: alice@x.example\r\nReply-To: alice@x.example",
    "far behind": f"From: alice@x.example{' ' * 30_000}, bob@evil.example",
    "far behind a name": f'From: "Alice" <alice@x.example>{" " * 30_000}<bob@evil.example>',
    "an unquoted comma and an address": "From: alice@x.example, Bob <bob@evil.example>",
    "a colon and a mark": "From: Ext: [x] Alice <alice@x.example>",
    "folded apart": "From: alice@x.example\r\n <bob@evil.example>",
    "a space in the header's name before it": "From : bob@evil.example\r\nFrom: alice@x.example",
    "a space in the header's name behind it": "From: alice@x.example\r\nFrom : bob@evil.example\r\nTo: x@opcc.example",
}
TAKEN = {
    "bare": ("From: alice@x.example", ""),
    "capitals": ("From: Alice@X.EXAMPLE", ""),
    "in brackets": ("From: <alice@x.example>", ""),
    "named": ("From: Alice <alice@x.example>", "Alice"),
    "quoted": ('From: "Example, Alice" <alice@x.example>', "Example, Alice"),
    "encoded": ("From: =?utf-8?q?Al=C3=AFce?= <alice@x.example>", "Al\u00efce"),
    "raw letters": ("From: Al\u00efce <alice@x.example>", "Al\u00efce"),
    "with a comment": ("From: Alice (Council, Leics) <alice@x.example>", "Alice (Council, Leics)"),
    "its own address as the name": ('From: "alice@x.example" <alice@x.example>', "alice@x.example"),
    "its own address in single quotes": ("From: \"'alice@x.example'\" <alice@x.example>", "'alice@x.example'"),
    "its own address unquoted": ("From: alice@x.example <alice@x.example>", "alice@x.example"),
    "folded": ("From: Alice\r\n\t<alice@x.example>", "Alice"),
    "a comma unquoted": ("From: Example, Alice <alice@x.example>", "Example, Alice"),
    "a gateway's mark": ("From: [EXT] Alice <alice@x.example>", "[EXT] Alice"),
    "a gateway's mark before a comma": ("From: [EXTERNAL] Example, Alice (CSP) <alice@x.example>", None),
    "the name as a comment": ("From: alice@x.example (Alice)", "Alice"),
}


def _unpacked(head: str) -> tuple[str, str]:
    raw = f"{head}\r\nReply-To: attacker@evil.example\r\nSubject: x\r\n\r\nWords."
    message = unpack_message(raw.encode("utf-8", "surrogateescape"), received=NOW)
    return message.sender, message.sender_name


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_a_from_that_may_be_read_in_two_ways_gives_no_sender(name: str) -> None:
    assert _unpacked(NOT_TAKEN[name]) == ("", "")


@pytest.mark.parametrize("name", TAKEN)
def test_a_from_as_mail_programs_write_it_gives_the_one_address(name: str) -> None:
    head, shown = TAKEN[name]
    sender, said = _unpacked(head)
    assert sender == ALICE
    assert said == (head.partition(": ")[2].partition(" <")[0] if shown is None else shown)


# The same text read by others ---------------------------------------------------------------------

_PIECES = (
    "alice@x.example", "bob@evil.example", "<bob@evil.example>", "<alice@x.example>", '"alice@x.example"',
    "(alice@x.example)", "group:", "Alice", "alice", "=?utf-8?q?alice=40x.example?=", "=?utf-8?q?=3Ca=40x.example=3E?=",
    "\uff20x.example", "\u200b", "\r\n ", "\t", " ", "'", "!", "%", *'<>",;:()\\@.[]',
)  # fmt: skip


def _others(message: Message, raw: bytes) -> Iterator[str]:
    """Every address that the standard library's readers see in the From."""
    value = " ".join(str(message["from"]).split())
    readers: tuple[Callable[[], list[str]], ...] = (
        lambda: [address for _, address in getaddresses([value])],
        lambda: [parseaddr(value)[1]],
        lambda: [a.addr_spec for a in email.message_from_bytes(raw, policy=policy.default)["from"].addresses],
    )
    for reader in readers:
        try:
            yield from (address.lower() for address in reader() if "@" in address)
        except (IndexError, AttributeError, ValueError, LookupError, TypeError):
            continue


def _read_alike(count: int, seed: int) -> int:
    """How many of so many made-up From lines gave a sender. Fails when another reader sees another address."""
    drawn, taken = random.Random(seed), 0
    for _ in range(count):
        line = "".join(drawn.choice(_PIECES) for _ in range(drawn.randint(1, 8)))
        raw = f"From: {line}\r\nTo: office@opcc.example\r\n\r\nWords.".encode()
        message = email.message_from_bytes(raw)
        sender, _ = read_sender(message)
        if sender:
            taken += 1
            assert set(_others(message, raw)) <= {sender}, line
    return taken


def test_no_other_reader_sees_another_address_than_the_one_we_take() -> None:
    assert _read_alike(8_000, seed=1) > 100


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(2, 8))
def test_no_other_reader_ever_sees_another_address(seed: int) -> None:
    assert _read_alike(100_000, seed=seed) > 1_000
