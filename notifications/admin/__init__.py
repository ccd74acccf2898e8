"""The pages of the carrying side; a message's own page is in `workflows.admin`, because people approve it there."""

from notifications.admin import delivery, notice, suppression

__all__ = ["delivery", "notice", "suppression"]
