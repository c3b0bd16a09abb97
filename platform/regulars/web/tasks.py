"""The worker's side of the pages: mails about work that is over."""

from regulars.web.imports import notices

__all__ = ["notices"]
