"""Imports a crontab: its Python scripts and its calls of addresses."""
