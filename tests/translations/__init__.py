"""The catalogue of Chinese texts: what needs a translation, and whether it has one.

`python -m tests.translations` adds new texts to locale/…/django.po, drops old ones and compiles the .mo, without
GNU gettext: a fresh machine has none, so the .mo is committed.
"""
