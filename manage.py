#!/usr/bin/env python
"""Runs Django's commands and ours; a wrong setting ends in one line that names it."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  a message, not a SyntaxError further down
        sys.exit("Python 3.11 or newer is required, this is " + sys.version.split()[0])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.config.settings")
    from django.core.management import execute_from_command_line

    from platform_site.config.data_dir import data_dir, make_keys
    from platform_site.config.env import Reader
    from platform_site.config.startup_errors import one_line_errors

    with one_line_errors():
        if sys.argv[1:2] == ["up"]:
            make_keys(data_dir(Reader()))  # the settings refuse to load without them
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
