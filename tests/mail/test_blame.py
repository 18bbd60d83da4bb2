"""Whose fault it is that a letter came back: codes, and the words that mail programs use beside them."""

from __future__ import annotations

import pytest

from csp_workflow.mail.blame import is_still_tried, judge_blame
from csp_workflow.terms.messages import Blame

DEAD, PASSING, OURS, GIVEN_UP, UNCLEAR = Blame


@pytest.mark.parametrize(
    ("status", "words", "blame"),
    [
        # Nobody has the address.
        ("5.1.1", "", DEAD),
        ("5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", DEAD),
        ("5.0.0", "550 No such person at this address", DEAD),
        ("", "550 <lead@charnwood.example>... User unknown", DEAD),
        ("", "Sorry, no mailbox here by that name", DEAD),
        ("", "User Jo Lead (jo.lead@charnwood.example) not listed in Domino Directory", DEAD),
        ("5.2.1", "The e-mail account that you tried to reach is disabled", DEAD),
        ("5.1.2", "Host unknown", DEAD),
        ("", "The mail domain charnwood.example does not exist", DEAD),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", DEAD),
        ("5.1.10", "", DEAD),
        ("5.4.4", "", DEAD),
        ("", "550 Unrouteable address", DEAD),
        ("5.5.0", "550 Adresse du destinataire inconnue, destinataire inconnu", DEAD),
        ("", "Your message was not delivered because the address couldn't be found", DEAD),
        ("", "lead@charnwood.example wasn't found at charnwood.example", DEAD),
        ("", "550 Invalid Recipient - see the help pages", DEAD),
        ("", "This user's account has expired", DEAD),
        ("", "Empfänger unbekannt", DEAD),
        ("5.0.0", "550-lead@charnwood.example is not an active address at this host", DEAD),
        ("5.0.0", "550 lead@charnwood.example is not a known user on this system", DEAD),
        ("5.0.0", "551 lead@charnwood.example is a deactivated mailbox", DEAD),
        ("5.0.0", "550 ** No mail box available for this user **", DEAD),
        ("5.0.0", "[mail.charnwood.example]: Name or service not known", DEAD),
        # Theirs, and it passes.
        ("5.2.2", "", PASSING),
        ("4.2.2", "", PASSING),
        ("5.1.1", "552 sorry, that mailbox is over quota", PASSING),
        ("", "Her mailbox is full", PASSING),
        ("5.2.2", "The recipient's inbox is out of storage space", PASSING),
        ("4.7.1", "450 4.7.1 Greylisted, please come again in five minutes", PASSING),
        ("5.3.0", "", PASSING),
        ("", "452 Insufficient system storage", PASSING),
        ("4.3.2", "421 too many connections from your host", PASSING),
        # Ours.
        ("5.7.1", "550 5.7.1 SPF check failed for opcc.example, message refused", OURS),
        ("5.7.26", "This mail is unauthenticated, which is a security risk", OURS),
        ("5.0.0", "554 DMARC policy of the sender's domain is reject", OURS),
        ("", "550 DKIM signature missing", OURS),
        ("5.1.8", "Domain of sender address does not exist", OURS),
        ("5.1.7", "", OURS),
        ("5.2.3", "", OURS),
        ("5.3.4", "552 message size exceeds the fixed limit", OURS),
        ("5.7.1", "554 rejected as spam", OURS),
        ("5.0.0", "550 blocked using a DNSBL, see the list", OURS),
        ("5.7.0", "Attachments of type .xlsx are not accepted here", OURS),
        ("5.6.0", "", OURS),
        ("", "554 Your server has no reverse DNS", OURS),
        ("5.7.1", "550 5.7.1 relaying denied", OURS),
        ("4.7.0", "421 4.7.0 messages from 192.0.2.1 temporarily deferred: user complaints", OURS),
        ("5.7.1", "550 5.7.1 User unknown? No: your sending IP has a poor reputation", OURS),
        ("", "The group only accepts messages from people in its organisation", OURS),
        ("", "Your message is too large to be delivered", OURS),
        ("", "permanent failure for one or more recipients (lead@charnwood.example:blocked)", OURS),
        ("", "sorry, that domain isn't in my list of allowed rcpthosts", OURS),
        ("5.0.350", "Generic error, the header is too long", OURS),
        ("", "550 The recipient's server has blocked your message", OURS),
        ("", "550 We no longer accept mail from your server", OURS),
        ("", "550 We do not accept mail from 192.0.2.1", OURS),
        ("", "550 Your address is blocked here", OURS),
        # Given up.
        ("4.4.7", "550 4.4.7 QUEUE.Expired; message expired", GIVEN_UP),
        ("4.4.1", "connection timed out", GIVEN_UP),
        ("4.0.0", "", GIVEN_UP),
        ("4.1.1", "450 4.1.1 User unknown in the local table", GIVEN_UP),
        ("5.4.6", "Too many hops", GIVEN_UP),
        ("", "I'm not going to try again; this message has been in the queue too long.", GIVEN_UP),
        # Unclear.
        ("", "", UNCLEAR),
        ("5.0.0", "550", UNCLEAR),
        ("5.0.0", "Something did not work", UNCLEAR),
    ],
)
def test_whose_fault_it_is(status: str, words: str, blame: Blame) -> None:
    assert judge_blame(status, words, "failed") is blame


def test_what_is_still_tried_passes_whatever_is_said() -> None:
    assert judge_blame("5.1.1", "User unknown", "delayed") is PASSING
    assert is_still_tried("Your message has not yet been delivered. No action is required on your part.")
    assert not is_still_tried("Delivery attempts will continue? No: given up.")


def test_a_code_of_a_passing_fault_without_an_action_is_late_and_not_lost() -> None:
    assert judge_blame("4.4.1", "", "") is PASSING
    assert judge_blame("", "host said: 451 come back", "") is PASSING


def test_nothing_of_a_passing_code_marks_an_address() -> None:
    assert DEAD not in {judge_blame(f"4.{a}.{b}", "no such user", "failed") for a in range(8) for b in range(30)}
