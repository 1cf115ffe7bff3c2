"""Actors for tests."""

from __future__ import annotations

from tenants.access import Actor

ANN = Actor("ann", 0, True, {})
