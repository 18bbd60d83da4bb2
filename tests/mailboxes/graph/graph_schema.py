"""Microsoft's own description of the mail part of Graph (CSDL), to check what is asked and answered in tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

CSDL = Path(__file__).resolve().parents[4] / "shared" / "schemas" / "graph" / "graph-mail-subset.csdl.xml"
_NS = "{http://docs.oasis-open.org/odata/ns/edm}"
_EXTENDED = {"id": "Edm.String", "value": "Edm.String"}


class Schema:
    """Types and their properties. Every check gives sentences of what is wrong."""

    def __init__(self, text: str) -> None:
        root = ET.fromstring(text)
        self._enums = {
            enum.get("Name"): {member.get("Name", "").lower() for member in enum.iter(f"{_NS}Member")}
            for enum in root.iter(f"{_NS}EnumType")
        }
        kinds = [*root.iter(f"{_NS}EntityType"), *root.iter(f"{_NS}ComplexType")]
        self._own = {kind.get("Name"): _properties(kind) for kind in kinds}
        self._bases = {kind.get("Name"): (kind.get("BaseType") or "").removeprefix("graph.") for kind in kinds}
        self._own["singleValueLegacyExtendedProperty"] = _EXTENDED  # the subset leaves it out

    def properties(self, kind: str) -> dict[str, str]:
        """A type's properties and its bases', by name."""
        base = self._bases.get(kind, "")
        return {**(self.properties(base) if base else {}), **self._own[kind]}

    def unknown(self, kind: str, names: Iterator[str] | list[str]) -> list[str]:
        """Names that a $select may not hold."""
        known = self.properties(kind)
        return [f"{kind} has no property '{name}'" for name in names if name not in known]

    def faults(self, kind: str, values: dict[str, Any]) -> list[str]:
        """What is wrong with an entity or a complex value."""
        if said := str(values.get("@odata.type", "")).removeprefix("#microsoft.graph."):
            kind = said
        known, found = self.properties(kind), []
        for name, value in values.items():
            if "@" in name:
                continue
            if name not in known:
                found.append(f"{kind} has no property '{name}'")
            elif value is not None:
                found += [f"{kind}.{name}: {fault}" for fault in self._wrong(known[name], value)]
        return found

    def _wrong(self, kind: str, value: Any) -> list[str]:
        if inner := re.fullmatch(r"Collection\((.+)\)", kind):
            if not isinstance(value, list):
                return [f"is no list but {value!r}"]
            return [fault for each in value for fault in self._wrong(inner[1], each)]
        if kind.startswith("Edm."):
            return [] if _fits(kind, value) else [f"{value!r} is no {kind}"]
        name = kind.removeprefix("graph.")
        if name in self._enums:
            return [] if str(value).lower() in self._enums[name] else [f"{value!r} is no {name}"]
        return self.faults(name, value) if isinstance(value, dict) else [f"{value!r} is no {name}"]


@cache
def schema() -> Schema | None:
    """Microsoft's description, or None where it is not beside the checkout."""
    return Schema(CSDL.read_text()) if CSDL.is_file() else None


def _properties(kind: ET.Element) -> dict[str, str]:
    found = [*kind.findall(f"{_NS}Property"), *kind.findall(f"{_NS}NavigationProperty")]
    return {each.get("Name", ""): each.get("Type", "") for each in found}


def _fits(kind: str, value: Any) -> bool:
    match kind:
        case "Edm.Boolean":
            return isinstance(value, bool)
        case "Edm.Int32" | "Edm.Int64":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Edm.DateTimeOffset":
            return isinstance(value, str) and value.endswith("Z") and bool(datetime.fromisoformat(value))
        case "Edm.Binary":
            return isinstance(value, str) and bool(re.fullmatch(r"[A-Za-z0-9+/=_-]*", value))
        case _:
            return isinstance(value, str)
