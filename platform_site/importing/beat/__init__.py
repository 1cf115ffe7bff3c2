"""Imports the periodic tasks of django-celery-beat that call an address, from a dump of its tables."""
