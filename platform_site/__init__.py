"""The project package. Importing the Celery app here lets web processes publish to our broker, not to amqp://localhost."""

from celery_app import app as celery_app

__all__ = ["celery_app"]
