"""The WSGI application that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.settings")
application = get_wsgi_application()

from regulars.tenancy import pooling  # noqa: E402  (needs the settings)

pooling.prove_at_start()

# What is loaded now stays for good. Looking through it for garbage again and again would take
# a fifth of the time of a short request.
gc.collect()
gc.freeze()
