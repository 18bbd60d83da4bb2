"""Each trouble is told once when it begins and once when it is over, by a road that works."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from csp_workflow import service
from csp_workflow.chase.watching import LONG, QUIET, WatchFacts, judge_troubles
from csp_workflow.mailboxes.internet.sending import SmtpRoad
from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.beat import Beat
from csp_workflow.terms.events import About, Decision, LetterState, Manner, QueuedLetter
from csp_workflow.terms.people import Undeliverable
from csp_workflow.terms.service import MailboxUnreachable, MailServer, Mode, Road, Tls, Trouble, Watch
from csp_workflow.terms.service_status import ServiceStatus, Troubles, fold_service
from csp_workflow.terms.site import Site
from tests.mailboxes.mailbox_contract import ID, LETTER, RECIPIENT
from tests.mailboxes.scripted_smtp import ScriptedSmtp
from tests.story.site_told import CO_ORDINATOR, Played, at, said

NOW = at("16 Oct 10:00")
IT, DEPUTY = "it@opcc.example", "deputy.co-ordinator@opcc.example"
LONG_AGO = NOW - LONG


def letter(**about: object) -> QueuedLetter:
    plain = {"kind": "digest", "cause": "x", "recipient": CO_ORDINATOR, "about": (), "quarter": None}
    told = {"id": "1" * 8, "subject": "", "message_id": "", "content": "", "queued": LONG_AGO, "manner": Manner.OFFICE}
    return QueuedLetter(**{**plain, **told, "state": LetterState.QUEUED, **about})  # type: ignore[arg-type]


OF_MELTON = letter(about=(About(respondent="melton"),), recipient="lead@melton.example", manner=Manner.ANSWER)
LOST = ServiceStatus(undeliverable={CO_ORDINATOR: Undeliverable(since=NOW, status="5.1.1")})
NOTHING_KNOWN = ServiceStatus()


@pytest.fixture(scope="module")
def configured(sent_out: Played, tmp_path_factory: pytest.TempPathFactory) -> Site:
    found = sent_out.copied_to(tmp_path_factory.mktemp("configured") / "opcc").ask(lambda outside: outside.configured)
    assert isinstance(found, Site)
    return replace(found, watch=Watch(tell=(IT, CO_ORDINATOR)))


@pytest.mark.parametrize(
    ("trouble", "facts", "service"),
    [
        (Trouble.MAILBOX_UNREAD, WatchFacts(unread_since=LONG_AGO), NOTHING_KNOWN),
        (Trouble.LETTERS_STUCK, WatchFacts(paused_since=LONG_AGO), NOTHING_KNOWN),
        (Trouble.LETTERS_STUCK, WatchFacts(waiting=(letter(),)), NOTHING_KNOWN),
        (
            Trouble.LETTERS_STUCK,
            WatchFacts(waiting=(letter(state=LetterState.UNKNOWN, handed=LONG_AGO),)),
            ServiceStatus(on_hold=True),
        ),
        (
            Trouble.LETTERS_STUCK,
            WatchFacts(waiting=(letter(manner=Manner.TIMED, refused=NOW - timedelta(hours=4)),)),
            NOTHING_KNOWN,
        ),
        (Trouble.DIGEST_BACK, WatchFacts(), LOST),
        (Trouble.DISK_FULL, WatchFacts(free_mebibytes=1023), NOTHING_KNOWN),
        (Trouble.TABLES_END, WatchFacts(gaps=("the meetings end in March.",)), NOTHING_KNOWN),
    ],
)
def test_each_alarm_fires_once_and_is_called_off_once(
    configured: Site, trouble: Trouble, facts: WatchFacts, service: ServiceStatus
) -> None:
    begun = judge_troubles(facts, configured, service, NOW)
    assert [(e.kind.value, e.subject) for e in begun.events] == [("trouble began", trouble)]
    assert sorted(x.recipient for x in begun.letters) == sorted([CO_ORDINATOR, DEPUTY, IT])
    lasting = replace(service, troubles=fold_service(begun.events).troubles)
    assert not judge_troubles(facts, configured, lasting, NOW + timedelta(days=3))
    over = judge_troubles(WatchFacts(free_mebibytes=1024), configured, replace(lasting, undeliverable={}), NOW + LONG)
    assert [(e.kind.value, e.subject) for e in over.events] == [("trouble ended", trouble)]
    assert {x.kind for x in over.letters} == {"all-clear"}
    known = fold_service((*begun.events, *over.events))
    again = replace(service, troubles=known.troubles)
    ended = NOW + LONG
    assert not judge_troubles(facts, configured, again, ended + QUIET / 2), "what comes and goes is no flood"
    assert _fires(judge_troubles(facts, configured, again, ended + QUIET))


def _fires(decision: Decision) -> bool:
    return bool(decision.events)


@pytest.mark.parametrize(
    ("facts", "service"),
    [
        (WatchFacts(unread_since=NOW - LONG / 2, paused_since=NOW - LONG / 2), NOTHING_KNOWN),
        (WatchFacts(waiting=(letter(queued=NOW), letter(not_before=NOW))), NOTHING_KNOWN),
        (WatchFacts(waiting=(letter(manner=Manner.TIMED, queued=NOW - timedelta(days=1)),)), NOTHING_KNOWN),
        (WatchFacts(waiting=(letter(refused=NOW - LONG, manner=Manner.TIMED),)), NOTHING_KNOWN),
        (WatchFacts(waiting=(letter(state=LetterState.UNKNOWN, handed=NOW),)), NOTHING_KNOWN),
        (WatchFacts(waiting=(letter(),)), ServiceStatus(on_hold=True)),
        (WatchFacts(waiting=(OF_MELTON,)), ServiceStatus(held_respondents=frozenset({"melton"}))),
        (WatchFacts(waiting=(letter(),)), ServiceStatus(moved="copied")),
        (WatchFacts(free_mebibytes=None), NOTHING_KNOWN),
    ],
)
def test_what_passes_or_waits_for_her_is_no_trouble(
    configured: Site, facts: WatchFacts, service: ServiceStatus
) -> None:
    assert not judge_troubles(facts, configured, service, NOW)


def test_two_troubles_of_one_cause_are_one_letter_and_neither_is_called_off_too_soon(configured: Site) -> None:
    both = WatchFacts(unread_since=LONG_AGO, paused_since=LONG_AGO)
    begun = judge_troubles(both, configured, NOTHING_KNOWN, NOW)
    assert [e.subject for e in begun.events] == [Trouble.MAILBOX_UNREAD]
    stuck = ServiceStatus(troubles=Troubles(lasting={Trouble.LETTERS_STUCK: LONG_AGO}))
    for facts in (both, WatchFacts(unread_since=LONG_AGO)):
        assert [e.subject for e in judge_troubles(facts, configured, stuck, NOW).events] == [Trouble.MAILBOX_UNREAD]


def told(site: Played) -> list[Post]:
    return [x for x in site.new_letters() if "wrong" in x.subject or "well again" in x.subject]


def test_a_mailbox_that_cannot_be_read_is_told_by_another_road_and_called_off_by_its_own(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = site.place / "config" / "service.toml"
    config.write_text(config.read_text().replace("tell = []", f'tell = ["{IT}"]'))
    site.new_letters()
    wired = site.opened(at("16 Oct 09:00"))
    road, mailbox = Kept(), Broken(wired.outside.mailbox)
    broken = replace(wired.outside, mailbox=mailbox, road=road)  # type: ignore[arg-type]
    from csp_workflow.steps.beat import tick

    for minute in (0, 30, 61, 62, 90):
        tick(broken, at("16 Oct 09:00") + timedelta(minutes=minute))
    assert [content for _, content in road.given if b"cannot be read" not in content] == []
    assert sorted(to for to, _ in road.given) == sorted([CO_ORDINATOR, DEPUTY, IT])
    assert all(b"the mailbox cannot be read" in content for _, content in road.given)
    assert told(site) == []
    mailbox.is_broken = False
    for minute in (100, 101, 102):
        tick(broken, at("16 Oct 09:00") + timedelta(minutes=minute))
    assert sorted(x.to for x in told(site)) == sorted([CO_ORDINATOR, DEPUTY, IT])
    assert len(road.given) == 3


def test_a_disk_that_is_nearly_full_is_told_by_the_mailbox(site: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    site.new_letters()
    monkeypatch.setattr("csp_workflow.steps.beat.find_free", lambda _: 12)
    for minute in (10, 11, 12, 13):
        site.beat(f"16 Oct 09:{minute}")
    letters = told(site)
    assert sorted(x.to for x in letters) == sorted([CO_ORDINATOR, DEPUTY])
    assert "12 MB are free" in said(letters[0])
    assert "make room" in said(letters[0])


def test_watching_stops_no_beat(site: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("csp_workflow.steps.beat.gather_facts", fail)
    assert site.beat("16 Oct 09:10").failed_steps == ()


class Kept:
    """A road that keeps what it is given."""

    def __init__(self) -> None:
        self.given: list[tuple[str, bytes]] = []

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        self.given.append((recipient, content))
        return Proof(evidence=delivery_id)

    def find_sent(self, delivery_id: str) -> Absence:
        return Absence.UNPROVED


class Broken:
    """A mailbox out of reach, for a while."""

    def __init__(self, behind: object) -> None:
        self.behind, self.is_broken = behind, True

    def __getattr__(self, name: str) -> object:
        if self.is_broken and name in {"list_new", "send", "find_sent", "list_filed"}:
            raise MailboxUnreachable("It is away.")
        return getattr(self.behind, name)


# The road itself, the ping, and what others ask ---------------------------------------------------


@pytest.mark.parametrize("user", ["", "alerts"])
def test_the_other_road_hands_a_letter_over(tmp_path: Path, user: str) -> None:
    server = ScriptedSmtp(tmp_path)
    if not user:
        server.orders.abilities = ()
    at_server = MailServer(host="127.0.0.1", port=server.port, tls=Tls.STARTTLS)
    road = SmtpRoad(
        Road(server=at_server, user=user), "open-sesame", address="office@opcc.example", ca_file=str(server.ca_file)
    )
    assert road.send(LETTER, RECIPIENT, ID).evidence.startswith("road:")
    assert [to for to, _ in server.accepted] == [(RECIPIENT,)]
    assert road.find_sent(ID) is Absence.UNPROVED
    road.close()
    server.close()


@contextmanager
def asked(status: int) -> Iterator[tuple[str, list[str]]]:
    """A server that notes what it is asked."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/beat", paths
        server.shutdown()
        thread.join()


def test_a_beat_that_went_well_is_followed_by_a_ping_and_no_fault_of_it_stops_anything(configured: Site) -> None:
    def pinged(site: Site, beat: Beat) -> None:
        def beats(_: datetime) -> Beat:
            return beat

        assert service.ping_after(beats, lambda: site)(NOW) is beat

    with asked(200) as (address, paths):
        live = replace(configured, mode=Mode.REDIRECT, watch=Watch(ping=address))
        pinged(live, Beat())
        assert paths == ["/beat"]
        pinged(live, Beat(failed_steps=("receive",)))
        pinged(replace(live, mode=Mode.REHEARSAL), Beat())
        pinged(replace(live, watch=Watch()), Beat())
        assert paths == ["/beat"]
    pinged(live, Beat())
    assert not service.ping("http://[", 1)
    with asked(500) as (address, _):
        assert not service.ping(address, 1)


@contextmanager
def served(site: Played, now: float) -> Iterator[str]:
    place = site.place
    with service.open_server(place / "config", place / "state", 0, clock=lambda: now) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def ask(site: Played, path: str, now: float) -> tuple[int, str]:
    status, _, words = service.answer(path, site.place / "config", site.place / "state", now)
    return status, words


def test_what_watches_the_machine_is_told_and_no_name_or_address_is_in_it(site: Played) -> None:
    site.beat("16 Oct 09:10")
    beat = site.ask(lambda outside: outside.store.heartbeat(), "16 Oct 09:10")
    assert isinstance(beat, tuple)
    ended = beat[0]
    assert ask(site, "/livez", ended + 60) == (200, "alive\n")
    assert ask(site, "/livez", ended + 600) == (503, "no beat\n")
    assert ask(site, "/readyz", ended + 60) == (200, "ready\n")
    assert ask(site, "/readyz", ended + 600)[0] == 503
    assert ask(site, "/else", ended)[0] == 404
    outside = site.opened(at("16 Oct 09:10")).outside
    outside.store.save_unread_since(at("16 Oct 09:10"))
    assert "not read" in ask(site, "/readyz", ended + 60)[1]
    with served(site, ended + 5) as address, urlopen(f"{address}/metrics") as answer:
        text = answer.read().decode()
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {sample.value for sample in families["csp_beat_age_seconds"].samples} == {5.0}
    assert sum(s.value for s in families["csp_letters"].samples) > 9
    assert {s.labels["trouble"] for s in families["csp_trouble"].samples} == {t.name.lower() for t in Trouble}
    assert any(s.labels["state"] == "requested" for s in families["csp_returns"].samples)
    assert "@" not in text
    assert "leicester" not in text.lower()


def test_where_there_is_no_store_nothing_is_ready(tmp_path: Path) -> None:
    assert service.answer("/livez", tmp_path, tmp_path, 0.0)[0] == 503
