"""The embedded mailbox: a Maildir any mail program can open, where no letter can go twice."""

from __future__ import annotations

import mailbox as standard
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from csp_workflow.mailboxes.mailbox import Absence, RedirectedMailbox
from csp_workflow.mailboxes.maildir import Maildir
from csp_workflow.terms.service import DiskFull, MailboxUnreachable, NotAccepted
from tests.mailboxes.mailbox_contract import ID, LETTER, LIMIT, NOW, RAW, MailboxContract
from tests.mailboxes.restore_drill import ROOM, RestoreDrill


class OnDisk:
    """A Maildir and the person who can look into its folders."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.mailbox = Maildir(root, limit=LIMIT)
        self.inbox, self.sent = root / "inbox", root / "sent"

    def delivers(self, raw: bytes, number: int = 1) -> None:
        half = self.inbox / "tmp" / f"{1_413_450_000 + number}.P{number}.host"
        half.write_bytes(raw)
        half.rename(self.inbox / "new" / half.name)

    def removes_everything(self) -> None:
        for file in (self.inbox / "new").iterdir():
            file.unlink()

    def moves_everything_away(self) -> None:
        other = self.inbox / ".Elsewhere" / "cur"
        other.mkdir(parents=True)
        for file in (self.inbox / "new").iterdir():
            file.rename(other / f"{file.name}:2,S")

    def moves_in(self, raw: bytes) -> None:
        (self.inbox / "cur" / "1413000000.P9.host:2,S").write_bytes(raw)

    def reads_everything(self) -> None:
        for file in (self.inbox / "new").iterdir():
            file.rename(self.inbox / "cur" / f"{file.name}:2,S")

    def renumbers(self) -> None:
        for file in (self.inbox / "new").iterdir():
            file.rename(file.with_name(f"{file.name}.again"))

    def goes_down(self) -> None:
        self.root.rename(self.root.with_name("unmounted"))

    def comes_back(self) -> None:
        self.root.with_name("unmounted").rename(self.root)

    def sends_drafts(self) -> None:
        for file in (self.root / "drafts" / "cur").iterdir():
            file.rename(self.sent / "cur" / "1.her.program:2,S")

    def was_given(self) -> list[bytes]:
        return [file.read_bytes() for file in sorted((self.sent / "new").iterdir())]


@pytest.fixture
def post(tmp_path: Path) -> OnDisk:
    return OnDisk(tmp_path / "mail")


class TestMaildir(MailboxContract):
    """The contract, on the Maildir."""


class TestRestored(RestoreDrill):
    """The drill, on the Maildir."""

    @pytest.fixture
    def post(self, tmp_path: Path) -> OnDisk:
        made = OnDisk(tmp_path / "mail")
        made.mailbox = Maildir(made.root, limit=ROOM)
        return made


def test_a_mail_program_reads_what_was_sent_and_what_was_filed(post: OnDisk) -> None:
    post.delivers(RAW)
    (source,), _ = post.mailbox.list_new("")
    post.mailbox.file(source, "Processed")
    post.mailbox.send(LETTER, "lead@charnwood.example", ID)
    inbox = standard.Maildir(post.inbox, create=False)
    assert [message["Subject"] for message in inbox.get_folder("Processed")] == ["Our return"]
    (letter,) = standard.Maildir(post.sent, create=False)
    assert letter["X-CSP-Delivery"] == ID


def test_a_message_opened_by_a_mail_program_is_still_the_same_one(post: OnDisk) -> None:
    post.delivers(RAW)
    (source,), _ = post.mailbox.list_new("")
    (file,) = (post.inbox / "new").iterdir()
    file.rename(post.inbox / "cur" / f"{file.name}:2,RS")
    assert post.mailbox.list_new("")[0] == (source,)
    assert post.mailbox.get(source, NOW).raw == RAW
    post.mailbox.file(source, "Processed")
    assert post.mailbox.list_new("")[0] == ()


def test_a_beat_that_died_does_not_make_a_return_late(post: OnDisk) -> None:
    post.delivers(RAW)
    (source,), _ = post.mailbox.list_new("")
    post.mailbox.get(source, NOW)
    again = Maildir(post.root, limit=LIMIT)
    assert again.get(source, NOW + timedelta(days=14)).received == NOW
    again.file(source, "Processed")
    assert list((post.root / "listed").iterdir()) == []


def test_a_note_that_was_half_written_is_written_again(post: OnDisk) -> None:
    post.delivers(RAW)
    (source,), _ = post.mailbox.list_new("")
    (post.root / "listed" / source).write_text("2014-1")
    assert post.mailbox.get(source, NOW).received == NOW


def test_only_plain_files_are_messages(post: OnDisk, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"not a message")
    (post.inbox / "new" / "link").symlink_to(secret)
    (post.inbox / "new" / "folder").mkdir()
    (post.inbox / "new" / ".hidden").write_bytes(RAW)
    (post.inbox / "tmp" / "half").write_bytes(RAW)
    (post.inbox / "new" / "any [name] at all.eml").write_bytes(RAW)
    sources, _ = post.mailbox.list_new("")
    assert sources == ("any [name] at all.eml",)
    post.mailbox.file(sources[0], "Processed")
    assert post.mailbox.list_new("")[0] == ()


@pytest.mark.parametrize("name", ["../../etc", "a/b", "", ".hidden", "a" * 65])
def test_a_folders_name_is_no_path(post: OnDisk, name: str) -> None:
    with pytest.raises(ValueError, match="folder's name"):
        post.mailbox.file("1", name)


def test_what_was_filed_before_is_never_overwritten(post: OnDisk) -> None:
    for text in (b"first", b"second"):
        post.delivers(RAW + text)
        (source,), _ = post.mailbox.list_new("")
        post.mailbox.file(source, "Processed")
    filed = [file.read_bytes() for file in (post.inbox / ".Processed" / "cur").iterdir()]
    assert sorted(filed) == [RAW + b"first", RAW + b"second"]


def test_handing_over_the_same_letter_again_delivers_nothing_more(post: OnDisk) -> None:
    for _ in range(2):
        post.mailbox.send(LETTER, "lead@charnwood.example", ID)
    (file,) = (post.sent / "new").iterdir()
    file.rename(post.sent / "cur" / f"{file.name}:2,S")
    post.mailbox.send(LETTER, "lead@charnwood.example", ID)
    assert post.was_given() == []
    assert len(list((post.sent / "cur").iterdir())) == 1


def test_what_a_dead_sender_left_half_written_is_cleared(post: OnDisk) -> None:
    (post.sent / "tmp" / f"{ID}.4711").write_bytes(b"To: le")
    post.mailbox.send(LETTER, "lead@charnwood.example", ID)
    assert list((post.sent / "tmp").iterdir()) == []
    assert post.was_given() == [LETTER]


def test_a_full_disk_is_a_refusal_and_a_message_stays_where_it_is(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        post = OnDisk(small)
        with pytest.raises(NotAccepted):
            post.mailbox.send(b"x" * 200_000, "lead@charnwood.example", ID)
        assert post.was_given() == []
        assert post.mailbox.find_sent(ID) is Absence.CERTAIN
        (small / "ballast").write_bytes(b"x" * 40_000)
        post.delivers(RAW)
        with pytest.raises((DiskFull, OSError)):
            (small / "more").write_bytes(b"x" * 200_000)
        assert post.mailbox.list_new("")[0]
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_a_folder_that_cannot_be_written_is_a_passing_fault(post: OnDisk) -> None:
    (post.inbox / ".Processed").write_bytes(b"in the way")
    post.delivers(RAW)
    (source,), _ = post.mailbox.list_new("")
    with pytest.raises(MailboxUnreachable):
        post.mailbox.file(source, "Processed")
    assert post.mailbox.list_new("")[0] == (source,)


def test_everything_written_is_synced_before_it_is_shown(post: OnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    link, fsync = os.link, os.fsync

    def linking(*words: str) -> None:
        told.append("link")
        link(*words)

    def syncing(handle: int) -> None:
        told.append("fsync")
        fsync(handle)

    monkeypatch.setattr(os, "link", linking)
    monkeypatch.setattr(os, "fsync", syncing)
    post.mailbox.send(LETTER, "lead@charnwood.example", ID)
    assert told == ["fsync", "link", "fsync"]


def test_redirected_letters_all_go_to_the_co_ordinator(post: OnDisk) -> None:
    redirected = RedirectedMailbox(post.mailbox, to="coordinator@opcc.example")
    folded = b"Subject: x\r\nTo: A very long name indeed\r\n <lead@charnwood.example>\r\nDate: y\r\n\r\nTo: nobody\r\n"
    redirected.send(folded, "lead@charnwood.example", ID)
    (given,) = post.was_given()
    head, _, body = given.partition(b"\r\n\r\n")
    assert b"\r\nTo: <coordinator@opcc.example>\r\nX-CSP-Meant-For: lead@charnwood.example\r\nDate: y" in head
    assert b"To: A very long" not in head
    assert body == b"To: nobody\r\n"
