"""Builds S/MIME: signed and encrypted content as mail programs write it. The same input gives the same bytes.

Nobody checks a signature here, so that its value is any bytes at all.
"""

from __future__ import annotations

from datetime import UTC, datetime

from asn1crypto import algos, cms, core, x509

_SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"})
_NAME = x509.Name.build({"common_name": "Lead of Charnwood CSP"})
_SIGNER = cms.SignerIdentifier(
    {"issuer_and_serial_number": cms.IssuerAndSerialNumber({"issuer": _NAME, "serial_number": 20141020})}
)


def signed(entity: bytes | None) -> bytes:
    """A signature in DER with the message inside it, or, for None, one that stands beside its message."""
    content = {"content_type": "data"} if entity is None else {"content_type": "data", "content": entity}
    value = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [_SHA256],
            "encap_content_info": content,
            "signer_infos": [
                cms.SignerInfo(
                    {
                        "version": "v1",
                        "sid": _SIGNER,
                        "digest_algorithm": _SHA256,
                        "signed_attrs": [
                            cms.CMSAttribute({"type": "signing_time", "values": [_time()]}),
                        ],
                        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
                        "signature": b"\x5a" * 256,
                    }
                )
            ],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": value}).dump())


def signed_in_pieces(entity: bytes, *, size: int = 4096) -> bytes:
    """As programs write it that do not know the length beforehand: BER, indefinite lengths, content in pieces."""
    pieces = b"".join(core.OctetString(entity[at : at + size]).dump() for at in range(0, len(entity), size))
    octets = b"\x24\x80" + pieces + b"\0\0"
    content = b"\x30\x80" + core.ObjectIdentifier("1.2.840.113549.1.7.1").dump() + b"\xa0\x80" + octets + b"\0\0\0\0"
    digests = core.SetOf([_SHA256], spec=algos.DigestAlgorithm).dump()
    data = b"\x30\x80" + core.Integer(1).dump() + digests + content + b"\x31\x00" + b"\0\0"
    return b"\x30\x80" + core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + b"\xa0\x80" + data + b"\0\0\0\0"


def encrypted(length: int = 2_000) -> bytes:
    """A message encrypted for somebody else."""
    value = cms.EnvelopedData(
        {
            "version": "v0",
            "recipient_infos": [
                cms.RecipientInfo(
                    "ktri",
                    cms.KeyTransRecipientInfo(
                        {
                            "version": "v0",
                            "rid": cms.RecipientIdentifier(
                                {"issuer_and_serial_number": {"issuer": _NAME, "serial_number": 1}}
                            ),
                            "key_encryption_algorithm": {"algorithm": "rsaes_pkcs1v15"},
                            "encrypted_key": b"\x33" * 256,
                        }
                    ),
                )
            ],
            "encrypted_content_info": {
                "content_type": "data",
                "content_encryption_algorithm": {"algorithm": "aes256_cbc", "parameters": b"\x11" * 16},
                "encrypted_content": b"\x77" * length,
            },
        }
    )
    return bytes(cms.ContentInfo({"content_type": "enveloped_data", "content": value}).dump())


def _time() -> cms.Time:
    return cms.Time({"utc_time": datetime(2014, 10, 20, 9, tzinfo=UTC)})
