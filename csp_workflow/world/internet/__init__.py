"""The adapter for mailboxes that speak IMAP and SMTP."""

from csp_workflow.world.internet.mailbox import Internet

__all__ = ["Internet"]
