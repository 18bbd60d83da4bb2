"""The adapter for Exchange on an organisation's own servers (EWS)."""

from csp_workflow.mailboxes.exchange.adapter import Exchange

__all__ = ["Exchange"]
