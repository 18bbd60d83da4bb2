"""The environment variables that override `service.toml`; secrets also by CSP_..._FILE."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from csp_workflow.settings.faults import Faults, instead
from csp_workflow.settings.schemas.mail import ADAPTERS, Adapter
from csp_workflow.terms.site import Mode

PREFIX = "CSP_"
_CHOICES = {"CSP_MODE": tuple(Mode), "CSP_ADAPTER": ADAPTERS}


class Overrides(BaseSettings):
    """What the environment says; None where it says nothing."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    mode: Mode | None = None
    adapter: Adapter | None = None
    database: str | None = None
    environment: str = ""
    mail_password: str = ""
    mail_client_secret: str = ""
    mail_certificate: str = ""
    mail_token_file: str = ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings names them
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `read` hands over: it has already put each value or its file in one place."""
        return (init_settings,)


def read(environment: Mapping[str, str] | None, faults: Faults) -> Overrides:
    """The overrides of a process; `environment` stands in for its variables."""
    ours = os.environ if environment is None else environment  # noqa: TID251 - settings read the environment
    given = {name: value for name, value in ours.items() if name.startswith(PREFIX)}
    known = [f"{PREFIX}{name.upper()}" for name in Overrides.model_fields]
    _name_slips(given, known, faults)
    values = {name: text for name in known if (text := _value(name, given, faults)) is not None}
    try:
        return Overrides.model_validate({name.removeprefix(PREFIX).lower(): text for name, text in values.items()})
    except ValidationError as error:
        for name in (f"{PREFIX}{str(found['loc'][0]).upper()}" for found in error.errors()):
            known_words = _CHOICES.get(name, ())
            faults.add_about_folder(
                f"The environment variable {name} is '{values[name]}', which is not known."
                f"{instead(values[name], known_words)}"
            )
        return Overrides()


def _value(name: str, given: Mapping[str, str], faults: Faults) -> str | None:
    """The variable itself, or the first line of the file that NAME_FILE names."""
    file = given.get(f"{name}_FILE")
    if name in given and file:
        faults.add_about_folder(f"Both {name} and {name}_FILE are set. Keep one of them.")
    if name in given or not file:
        return given.get(name)
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, ValueError):
        faults.add_about_folder(f"The file that {name}_FILE names cannot be read. Check its path and permissions.")
        return None


def _name_slips(given: Mapping[str, str], known: list[str], faults: Faults) -> None:
    """A misspelt variable would be ignored in silence; others that begin with CSP_ are not ours."""
    names = [*known, *(f"{name}_FILE" for name in known)]
    for name in given:
        near = [] if name in names else get_close_matches(name, names, n=1, cutoff=0.85)
        if near:
            faults.add_about_folder(f"The environment variable {name} is not known. Did you mean {near[0]}?")
