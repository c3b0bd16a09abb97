"""The worker's side of the pages: mails about work that is over, tomorrow, and complaints."""

from regulars.web.complaints import notices as complaint_notices
from regulars.web.handing import telling
from regulars.web.imports import notices

__all__ = ["complaint_notices", "notices", "telling"]
