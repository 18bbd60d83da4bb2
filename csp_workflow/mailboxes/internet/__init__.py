"""The adapter for mailboxes that speak IMAP and SMTP."""

from csp_workflow.mailboxes.internet.adapter import Internet

__all__ = ["Internet"]
