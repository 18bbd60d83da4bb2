"""What happened in a rehearsal, told to whoever watched it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Story:
    """The rehearsal's result. `told` are (day, who, what); `status` is the cycle's, as `cycle status --json` has it."""

    quarter: str
    seed: int
    told: Sequence[tuple[str, str, str]]
    letters: Counter[str]
    verdicts: Counter[str]
    status: dict[str, Any]
    papers: Sequence[str]
    out: Path
    digest: str
    seconds: float

    def as_data(self) -> dict[str, Any]:
        """For --json."""
        return {
            "quarter": self.quarter,
            "seed": self.seed,
            "letters": dict(sorted(self.letters.items())),
            "verdicts": dict(sorted(self.verdicts.items())),
            "returns": self.status["returns"],
            "papers": list(self.papers),
            "out": str(self.out),
            "sha256": self.digest,
        }

    def as_text(self) -> str:
        """For people."""
        lines = [f"What happened in {self.quarter} (seed {self.seed})", ""]
        lines += [f"  {day}  {who} {what}." for day, who, what in self.told]
        lines += ["", f"Messages received: {sum(self.verdicts.values())}, each with one verdict"]
        lines += [f"  {count:4}  {verdict}" for verdict, count in sorted(self.verdicts.items())]
        lines += ["", f"Letters sent: {sum(self.letters.values())}"]
        lines += [f"  {count:4}  {kind}" for kind, count in sorted(self.letters.items())]
        lines += ["", "Where each return stands at the end"]
        for row in self.status["returns"]:
            approved = ", approved" if row["approved"] and row["state"] != "approved" else ""
            versions = f" ({row['submissions']} version{'s' if row['submissions'] != 1 else ''})"
            lines.append(f"  {row['respondent']:<26} {row['state']}{versions if row['submissions'] else ''}{approved}")
        lines += ["", "Where to look", *self._places()]
        lines += ["", f"{self.seconds:.1f} seconds. The same seed gives the same letters: sha256 {self.digest[:16]}."]
        return "\n".join(lines)

    def _places(self) -> list[str]:
        places = [
            (self.out / "papers", "the Board papers: drafts and the circulation copies (Word)"),
            (self.out / "forms", "every form as it was sent (Excel)"),
            (self.out / "digests", "the co-ordinator's digests (open in a browser)"),
            (self.out / "letters", "every letter as text, in order"),
            (self.out / "state" / "mail", "the mailbox itself: any mail program can open these Maildirs"),
        ]
        width = max(len(str(place)) for place, _ in places)
        return [f"  {place!s:<{width}}  {what}" for place, what in places]
