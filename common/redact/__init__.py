"""Masks secrets in logs, errors, rows and responses."""

from .shapes import mask_shapes, mask_shapes_but_files
from .urls import MASK, mask_url, mask_value, secrets_in
from .values import MAX_UNCUT, Masker

__all__ = [
    "MASK",
    "MAX_UNCUT",
    "Masker",
    "mask_shapes",
    "mask_shapes_but_files",
    "mask_url",
    "mask_value",
    "secrets_in",
]
