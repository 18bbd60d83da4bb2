"""The co-ordinator in the rehearsal: reads her letters and replies with the words they offer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from csp_workflow.rehearsal.partners.mail import Post, Reply
from csp_workflow.rehearsal.partners.people import Person, Turn
