"""The co-ordinator in the rehearsal: reads her letters and replies with the words they offer."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from csp_workflow.rehearsal.partners.mail import Post, Reply, written
from csp_workflow.rehearsal.partners.people import Sending

_OFFERED = re.compile(r"^\s*(?:Reply:|or:)\s+(\S.*?)\s*$", re.MULTILINE)
_TAKEN = ("SEND", "RELEASE", "YES", "DONE", "DISMISS", "ACCEPT", "CLEAR", "CIRCULATE")
"""The orders she gives of those a digest offers; where it offers two, the one that stands here."""
_PATIENCE = {"CLEAR": 3, "DISMISS": 2}
"""How many mornings she looks at something before she decides; everything else she decides at once."""


@dataclass
class CoOrdinator:
    """She sends after looking at the proof pack, and works through each morning's digest."""

    address: str
    name: str
    seed: int
    letters: list[Post] = field(default_factory=list)
    _seen: Counter[str] = field(default_factory=Counter)
    _written: int = 0

    def reads(self, letter: Post, now: datetime, *, office: str) -> list[Sending]:
        """Read a letter and say what will be sent because of it."""
        self.letters.append(letter)
        if re.search(r"reply with SEND\b", letter.text):
            return [
                self._orders(["SEND"], letter, now + timedelta(hours=2), "looked at the proof pack and replied SEND")
            ]
        offered = [order for order in _OFFERED.findall(letter.text) if order.split()[0] in _TAKEN]
        orders = [order for order in dict.fromkeys(offered) if order != "SEND" and self._decides(order)]
        if not orders:
            return []
        return [self._orders(orders, letter, now + timedelta(hours=1), f"replied to the digest: {', '.join(orders)}")]

    def _decides(self, order: str) -> bool:
        self._seen[order] += 1
        return self._seen[order] >= _PATIENCE.get(order.split(maxsplit=1)[0], 1)

    def _orders(self, orders: list[str], letter: Post, at: datetime, told: str) -> Sending:
        self._written += 1
        reply = Reply(sender=self.address, name=self.name, text="\n".join(orders))
        number = zlib.crc32(f"{self.seed}:{self.address}:{self._written}".encode())
        return Sending(at=at, raw=written(reply, letter, at=at, number=number), told=told)
