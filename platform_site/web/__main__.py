"""Starts the web process; a wrong setting ends it in one line that names it."""

from __future__ import annotations

import os

from platform_site.config.startup_errors import faults_in_one_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.config.settings")
    with faults_in_one_line():
        from platform_site.web import process

        process.run()
