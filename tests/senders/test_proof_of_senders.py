"""Whose word counts: hundreds of header sets, true and forged, under each trust profile."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.intake.sender import find_doubt, find_evidence
from csp_workflow.mail.authentication import NoSenderProof, SenderForgery, SenderProof, examine_sender, read_results
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.service import Trust, TrustProfile
from tests.intake.intake_factory import NOW, SITE
from tests.senders.header_parts import COUNTS, PASSES
from tests.senders.header_sets import DISPROVED, EVERY, NOBODY, PROVED, RFC8601, UNKNOWN, HeaderSet


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_each_header_set_gets_its_verdict(one: HeaderSet) -> None:
    message = unpack_message(one.raw, received=NOW)
    site = replace(SITE, trust=one.trust)
    assert message.sender
    found = find_evidence(message, site)
    assert type(found).__name__ == one.verdict, found.reason
    assert found.reason.endswith(".")
    believed = one.verdict == PROVED or (one.trust == NOBODY and one.verdict == UNKNOWN)
    assert (find_doubt(message, site) == "") == believed


def test_there_are_hundreds_of_header_sets_of_every_kind() -> None:
    counted = Counter((one.trust.profile, one.verdict) for one in EVERY)
    assert len(EVERY) > 400
    for profile in TrustProfile:
        assert counted[profile, UNKNOWN] >= 5, profile
        assert counted[profile, DISPROVED] >= 1, profile
        assert counted[profile, PROVED] >= 1 or profile is TrustProfile.NONE, profile
    assert len({one.name for one in EVERY}) == len(EVERY)


def test_without_a_configured_name_or_boundary_nothing_is_proved() -> None:
    message = unpack_message(EVERY[0].raw, received=NOW)
    for spoilt in (replace(RFC8601, authserv_id=""), replace(RFC8601, boundary=""), Trust(profile=RFC8601.profile)):
        assert isinstance(examine_sender(message.headers, spoilt, "charnwood.example"), NoSenderProof)


@given(st.lists(st.sampled_from([*';=()"\\ \t.', "dmarc", "pass", "fail", "header.from", "x.example", "é", "\ud800"])))
def test_no_text_makes_the_reader_raise(parts: list[str]) -> None:
    results = read_results("".join(parts))
    if results is not None:
        assert all("(" not in test.method and '"' not in test.method for test in results.tests)


@given(
    inside=st.text(alphabet='ab;=". (dmarcpasfil', max_size=40),
    wrap=st.sampled_from(["({})", '"{}"']),
    place=st.integers(min_value=0, max_value=3),
)
def test_nothing_in_a_comment_or_in_quotation_marks_changes_what_was_tested(inside: str, wrap: str, place: int) -> None:
    hidden = inside.replace("(", "").replace('"', "")
    said = ["mx.opcc.example", " spf=pass reason=x", " dmarc=none header.from=x.example", " dkim=none reason=y"]
    said[place] += f" note={wrap.format(hidden)}" if place else f" ({hidden})"
    results = read_results(";".join(said))
    assert results is not None
    assert results.authserv_id == "mx.opcc.example"
    assert [(test.method, test.result) for test in results.tests] == [
        ("spf", "pass"),
        ("dmarc", "none"),
        ("dkim", "none"),
    ]


def test_thousands_of_forged_headers_below_the_boundary_change_nothing() -> None:
    lines = (*(line.replace("{}", PASSES["plain"]) for line in COUNTS["right above the boundary"]),)
    forged = tuple(f"Authentication-Results: mx.opcc.example; dmarc=fail ({n}" for n in range(2_000))
    one = HeaderSet(name="many", trust=RFC8601, lines=(*lines, *forged), verdict=PROVED)
    assert isinstance(find_evidence(unpack_message(one.raw, received=NOW), replace(SITE, trust=RFC8601)), SenderProof)


CHANGED = "spf=fail; dkim=fail (body hash);dmarc=fail action=none header.from={};compauth=pass reason=130"


@pytest.mark.parametrize(
    ("gateway", "domain", "kind"),
    [
        (True, "charnwood.example", SenderProof),
        (True, "evil.example", NoSenderProof),
        (False, "charnwood.example", NoSenderProof),
    ],
)
def test_what_a_trusted_gateway_changed_is_no_forgery(gateway: bool, domain: str, kind: type) -> None:
    trust = Trust(profile=TrustProfile.EXCHANGE_ONLINE, gateway=gateway)
    found = examine_sender([("Authentication-Results", CHANGED.format(domain))], trust, "charnwood.example")
    assert isinstance(found, kind), found.reason


def test_a_gateway_s_word_counts_for_nothing_where_all_tests_together_failed() -> None:
    trust = Trust(profile=TrustProfile.EXCHANGE_ONLINE, gateway=True)
    failed = CHANGED.format("charnwood.example").replace("compauth=pass", "compauth=fail")
    assert isinstance(examine_sender([("Authentication-Results", failed)], trust, "charnwood.example"), SenderForgery)
