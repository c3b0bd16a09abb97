"""The worker's side of the pages: mails about work that is over, tomorrow, and customers."""

from regulars.web import billing_notices, limit_notices
from regulars.web.complaints import notices as complaint_notices
from regulars.web.handing import telling
from regulars.web.imports import notices
from regulars.web.surveys import notices as survey_notices

__all__ = [
    "billing_notices",
    "complaint_notices",
    "limit_notices",
    "notices",
    "survey_notices",
    "telling",
]
