"""Renders a Message as the payloads that each type of channel takes: a module for each service."""

from .base import Page, Payload, Rendered, for_the_record, wire_size

__all__ = ["Page", "Payload", "Rendered", "for_the_record", "wire_size"]
