"""Public mail providers: an address there says nothing about who somebody works for."""

from __future__ import annotations

_NAMES = """
    gmail.com googlemail.com
    outlook.com outlook.co.uk hotmail.com hotmail.co.uk live.com live.co.uk msn.com
    yahoo.com yahoo.co.uk ymail.com rocketmail.com aol.com aol.co.uk
    icloud.com me.com mac.com
    btinternet.com btopenworld.com talktalk.net tiscali.co.uk lineone.net virginmedia.com virgin.net
    ntlworld.com blueyonder.co.uk sky.com plus.com plus.net plusnet.com o2.co.uk orange.net orange.co.uk
    wanadoo.co.uk freeserve.co.uk supanet.com madasafish.com zen.co.uk
    proton.me protonmail.com pm.me gmx.com gmx.co.uk gmx.net mail.com email.com zoho.com zohomail.eu
    fastmail.com fastmail.co.uk fastmail.fm hushmail.com tutanota.com tuta.com yandex.com qq.com 163.com
"""
_PUBLIC = frozenset(_NAMES.split())


def is_public(domain: str) -> bool:
    """Whether anybody can have an address at this domain (in lower case)."""
    return domain in _PUBLIC
