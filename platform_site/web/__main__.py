"""Starts the web process; a wrong setting ends it in one line that names it."""

from __future__ import annotations

import os

from platform_site.config.startup_errors import one_line_errors

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.config.settings")
    with one_line_errors():
        from platform_site.web import process

        process.run()
