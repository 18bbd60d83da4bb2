"""What real servers need of this machine: ports, a certificate, and patience."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import trustme

PATIENCE = 20.0
"""How many seconds a server may take for anything."""


def find_port() -> int:
    """A port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(holds: Callable[[], object], told: Callable[[], str] = str) -> None:
    """Wait until it holds; what is `told` goes into the fault of one that was waited for in vain."""
    until = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"A server did not do in time what it was asked for. {told()}")
        time.sleep(0.02)


def make_certificate(place: Path) -> None:
    """A certificate for this machine (certificate.pem, key.pem) and the authority behind it (ca.pem)."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(place / "ca.pem")
    certificate.private_key_pem.write_to_path(place / "key.pem")
    (place / "key.pem").chmod(0o600)
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(place / "certificate.pem", append=True)
