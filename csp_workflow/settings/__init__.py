"""A site's configuration: TOML files and environment variables -> one frozen `Site` and one frozen `Service`.

`load` reports every fault of every file at once, each a sentence with file, key and what to do.
Pydantic is imported inside the functions, so that a command without a site starts at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from csp_workflow.settings.places import defaults, lay_out, report_base, template_faults, templates

if TYPE_CHECKING:
    from csp_workflow.terms.site import Service, Site

__all__ = ["defaults", "lay_out", "load", "report_base", "template_faults", "templates"]


def load(config_dir: Path, *, environment: Mapping[str, str] | None = None) -> tuple[Site, Service]:
    """Read a configuration folder. `environment` stands in for the process's own variables (tests, rehearsal).

    Raises ConfigInvalid with every fault found, never anything else for any content of the folder.
    """
    from csp_workflow.settings.assemble import assemble_site, require
    from csp_workflow.settings.checks import check_files
    from csp_workflow.settings.faults import Faults
    from csp_workflow.settings.files import read_files
    from csp_workflow.settings.service_file import assemble_service, read_environment

    faults = Faults(config_dir)
    files = read_files(config_dir, faults)
    overrides = read_environment(environment, faults)
    check_files(files, faults, adapter=overrides.adapter)
    faults.raise_any()
    return assemble_site(files, overrides), assemble_service(require(files.service), overrides)
