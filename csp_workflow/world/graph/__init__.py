"""A mailbox in Microsoft 365, worked on through Microsoft Graph."""

from csp_workflow.world.graph.adapter import Graph

__all__ = ["Graph"]
