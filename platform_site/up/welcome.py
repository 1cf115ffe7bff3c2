"""The box that tells somebody who has just started the platform what they need to know.

It comes last, so that it does not scroll away unseen.
"""

from __future__ import annotations

from pathlib import Path

from platform_site.config.addresses import host_and_port
from platform_site.up.first_start import ADMIN


def box(host: str, port: int, flower_port: int, data_dir: Path, new_password: str) -> str:
    """Return several lines in a frame. The first password is shown once, later only the file that holds it."""
    rows = [
        ("Admin", f"http://{host_and_port(host, port)}/admin/"),
        ("API", f"http://{host_and_port(host, port)}/api/docs, token in {data_dir / 'api-token'}"),
        ("Login", _login(data_dir / "admin-password", new_password)),
        (
            "Flower",
            f"http://{host_and_port(host, flower_port)}, {ADMIN}, password in {data_dir / 'flower-password'}",
        ),
        ("Health", ".venv/bin/python manage.py doctor"),
        ("Stop", "Ctrl-C"),
    ]
    lines = [f"{name:<7} {text}" for name, text in rows]
    width = max(map(len, lines))
    edge = "+" + "-" * (width + 2) + "+"
    return "\n".join([edge, *(f"| {line:<{width}} |" for line in lines), edge])


def _login(file: Path, new_password: str) -> str:
    if new_password:
        return f"{ADMIN}, password {new_password} (kept in {file})"
    return f"{ADMIN}, first password in {file}" if file.exists() else f"{ADMIN}, or any other user"
