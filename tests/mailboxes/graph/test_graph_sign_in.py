"""Signing in at Microsoft's directory, with a certificate or a secret, and being refused."""

from __future__ import annotations

import pytest
import trustme
from cryptography import x509

from csp_workflow.terms.service import MailboxUnreachable, Secrets
from tests.mailboxes.graph.conftest import Opener
from tests.mailboxes.graph.fake_directory import CLIENT, SECRET, TENANT
from tests.mailboxes.graph.fake_graph import FakeGraph


def issued(kind: trustme.KeyType) -> tuple[str, x509.Certificate]:
    """A key with its certificate as PEM, and the certificate."""
    leaf = trustme.CA().issue_cert("csp-workflow.example", key_type=kind)
    return leaf.private_key_and_cert_chain_pem.bytes().decode(), x509.load_pem_x509_certificate(
        leaf.cert_chain_pems[0].bytes()
    )


@pytest.fixture(scope="module")
def rsa() -> tuple[str, x509.Certificate]:
    return issued(trustme.KeyType.RSA)


def refused(fake: FakeGraph, opened: Opener, secrets: Secrets, **settings: str) -> str:
    """What is said when the sign-in is refused."""
    with pytest.raises(MailboxUnreachable) as fault:
        opened(secrets, settings=settings).list_new("")
    said = str(fault.value)
    assert not {SECRET, TENANT, CLIENT} & set(said.replace("'", " ").split())
    assert fake.count("GET", "/delta") == 0
    return said


def test_a_certificate_is_preferred_to_a_secret(
    fake: FakeGraph, opened: Opener, rsa: tuple[str, x509.Certificate]
) -> None:
    pem, fake.directory.certificate = rsa
    opened(Secrets(certificate=pem, client_secret="not-used")).list_new("")
    (form,) = fake.directory.asked
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_secret" not in form
    assert fake.count("GET", "/delta") == 1


def test_a_certificate_may_stand_before_its_key(
    fake: FakeGraph, opened: Opener, rsa: tuple[str, x509.Certificate]
) -> None:
    pem, fake.directory.certificate = rsa
    begin = pem.index("-----BEGIN CERTIFICATE")
    opened(Secrets(certificate=f"Bag Attributes\n{pem[begin:]}\n{pem[:begin]}")).list_new("")
    assert len(fake.directory.asked) == 1


def test_another_certificate_is_refused(fake: FakeGraph, opened: Opener, rsa: tuple[str, x509.Certificate]) -> None:
    fake.directory.certificate = issued(trustme.KeyType.RSA)[1]
    assert refused(fake, opened, Secrets(certificate=rsa[0])) == "The directory does not know this certificate."


@pytest.mark.parametrize("kind", ["no key", "no certificate", "broken", "elliptic", "words"])
def test_a_certificate_that_cannot_be_used_is_said_to_be_so(
    fake: FakeGraph, opened: Opener, rsa: tuple[str, x509.Certificate], kind: str
) -> None:
    begin = rsa[0].index("-----BEGIN CERTIFICATE")
    pem = {
        "no key": rsa[0][begin:],
        "no certificate": rsa[0][:begin],
        "broken": rsa[0].replace("A", "B"),
        "elliptic": issued(trustme.KeyType.ECDSA)[0],
        "words": "my certificate",
    }[kind]
    assert refused(fake, opened, Secrets(certificate=pem)) == "The certificate for signing in cannot be used."
    assert fake.directory.asked == []


def test_a_token_is_asked_for_once(fake: FakeGraph, opened: Opener) -> None:
    mailbox = opened()
    for _ in range(3):
        mailbox.list_new("")
        mailbox.find_sent("0123456789abcdef")
    assert len(fake.directory.asked) == 1


def test_a_wrong_secret_is_refused(fake: FakeGraph, opened: Opener) -> None:
    assert refused(fake, opened, Secrets(client_secret="guess")) == "The client secret is wrong."


def test_a_wrong_tenant_or_application_is_refused(fake: FakeGraph, opened: Opener) -> None:
    secrets = Secrets(client_secret=SECRET)
    assert refused(fake, opened, secrets, tenant="other") == "There is no directory with this number."
    assert refused(fake, opened, secrets, client="other") == "The directory does not know this application."


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("7000222", "The application's client secret has expired."),
        ("700024", "The sign-in was refused because this machine's clock is wrong."),
        ("53003", "A conditional access policy does not let the application sign in from here."),
        ("7000112", "The application is switched off in the directory."),
        ("65001", "Nobody has allowed the application what it needs in the directory."),
        ("7000229", "Nobody has allowed the application what it needs in the directory."),
        ("500133", "The sign-in was refused because this machine's clock is wrong."),
        ("90033", "Microsoft's sign-in is out of order for now."),
        ("123456", "Microsoft's sign-in refused the application (AADSTS123456)."),
    ],
)
def test_each_refusal_is_said_in_words(fake: FakeGraph, opened: Opener, code: str, said: str) -> None:
    fake.directory.refusal = code
    assert refused(fake, opened, Secrets(client_secret=SECRET)) == said


@pytest.mark.parametrize("path", ["/token", "/openid-configuration"])
@pytest.mark.parametrize("kind", ["error", "busy", "dropped", "nonsense"])
def test_a_sign_in_out_of_order_is_a_passing_fault(fake: FakeGraph, opened: Opener, path: str, kind: str) -> None:
    for method in ("GET", "POST"):
        if kind == "dropped":
            fake.drops(method, path, after=False)
        else:
            fake.refuses(method, path, {"error": 500, "busy": 503, "nonsense": 200}[kind])
    assert "sign-in" in refused(fake, opened, Secrets(client_secret=SECRET))
    opened().list_new("")


def test_a_refused_application_asks_no_more_than_once_a_minute(fake: FakeGraph, opened: Opener) -> None:
    mailbox = opened(Secrets(client_secret="guess"))
    for _ in range(5):
        with pytest.raises(MailboxUnreachable):
            mailbox.list_new("")
    assert len(fake.directory.asked) == 1


def test_nothing_that_is_secret_shows_in_the_adapter(opened: Opener) -> None:
    mailbox = opened()
    mailbox.list_new("")
    assert SECRET not in repr(vars(mailbox))
    assert SECRET not in repr(Secrets(client_secret=SECRET, certificate=SECRET))
