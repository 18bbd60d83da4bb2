"""The dashboard behind a proxy: what was built, as it was built, and nothing beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from csp_workflow.service import open_server
from tests.story.site_told import Played


@pytest.fixture
def address(sent_out: Played, tmp_path: Path) -> Iterator[str]:
    pages = tmp_path / "pages"
    (pages / "charnwood").mkdir(parents=True)
    (pages / "index.html").write_text("<p>first</p>")
    (pages / "measure-m11.html").write_text("<p>measure</p>")
    (pages / "charnwood" / "partnership-charnwood.html").write_text("theirs alone")
    (pages / "dashboard.txt").write_text("a list")
    (tmp_path / "secret.html").write_text("not ours")
    with open_server(sent_out.place / "config", sent_out.place / "state", 0, pages=pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def get(address: str) -> tuple[int, str, Message]:
    try:
        with urlopen(address, timeout=30) as reply:
            return reply.status, reply.read().decode(), reply.headers
    except HTTPError as fault:
        with fault:
            return fault.code, fault.read().decode(), fault.headers


def test_pages_are_served_as_they_were_built_with_safe_headers(address: str) -> None:
    for path, words in (
        ("/dashboard/", "first"),
        ("/dashboard/index.html", "first"),
        ("/dashboard/measure-m11.html?x", "measure"),
    ):
        status, said, headers = get(address + path)
        assert (status, said) == (200, f"<p>{words}</p>")
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_only_what_reads_is_answered_and_every_answer_has_the_safe_headers(address: str) -> None:
    for method, path, expected in (
        ("HEAD", "/dashboard/", 200),
        ("HEAD", "/gone", 404),
        ("POST", "/dashboard/", 501),
        ("PUT", "/dashboard/index.html", 501),
    ):
        connection = HTTPConnection(address.removeprefix("http://"), timeout=30)
        connection.request(method, path)
        reply = connection.getresponse()
        assert reply.status == expected
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert "Python" not in reply.headers["Server"]
        assert method != "HEAD" or reply.read() == b""
        connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard/charnwood/partnership-charnwood.html",
        "/dashboard/../secret.html",
        "/dashboard/%2e%2e/secret.html",
        "/dashboard/..%2fsecret.html",
        "/dashboard/dashboard.txt",
        "/dashboard//etc/passwd",
        "/dashboard",
        "/dashboard/gone.html",
        "/",
    ],
)
def test_nothing_else_is(address: str, path: str) -> None:
    status, said, _ = get(address + path)
    assert status == 404
    assert "not ours" not in said
    assert "theirs" not in said
