"""A mailbox in Microsoft 365, worked on through Microsoft Graph."""

from csp_workflow.mailboxes.graph.adapter import Graph

__all__ = ["Graph"]
