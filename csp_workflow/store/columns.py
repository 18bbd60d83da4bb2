"""How a column of the tables is made: with its comment, what it keeps of people, its closed words."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn
from sqlalchemy.sql.compiler import DDLCompiler
from sqlmodel import Field

from csp_workflow.store import words


class Retention(StrEnum):
    """What a column holds of people, so that a rule on keeping and erasing can be carried out by class."""

    NAME = "name"
    ADDRESS = "address"
    WORDS = "words"


@compiles(CreateColumn, "sqlite")
def _with_comment(element: CreateColumn, compiler: DDLCompiler, **options: Any) -> str:
    """SQLite has no comments on columns but keeps the words of CREATE TABLE: there they can be read."""
    written = compiler.visit_create_column(element, **options)  # type: ignore[no-untyped-call]
    comment = element.element.comment
    return f"{written} /* {comment} */" if written and comment else str(written)


def make_column(comment: str, *, keeps: Retention | None = None, text: bool = False, **more: Any) -> Any:
    """A column with its comment and, where it holds something of people's, its retention class."""
    whole = f"{comment}. Keeps {keeps}" if keeps else comment
    if text:
        more["sa_type"] = Text
    return Field(sa_column_kwargs={"comment": whole, "info": {"keeps": keeps} if keeps else {}}, **more)


def point_to(target: str, comment: str, **more: Any) -> Any:
    """A column that points to another table's."""
    return make_column(comment, foreign_key=target, **more)


def number_rows() -> Any:
    """The column that counts the rows."""
    return make_column("In the order of storing", default=None, primary_key=True)


def allow_only(column: str, allowed: words.Words[Any]) -> CheckConstraint:
    """That a column holds a word of a closed list."""
    listed = ", ".join(f"'{word}'" for word in allowed.stored)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
