"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.settings")
application = get_wsgi_application()

from regulars.tenancy import pooling  # noqa: E402  (needs the settings)

pooling.prove_at_start()
