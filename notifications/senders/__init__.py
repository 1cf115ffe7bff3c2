"""Senders, which bring a payload to its service: a module for each type of channel."""

from .base import Answer, AppCredentials, Clients, Http, Outcome, Sender, Target, guarded_client
from .tokens import MemoryTokens, RedisTokens, TokenStore

__all__ = [
    "Answer",
    "AppCredentials",
    "Clients",
    "Http",
    "MemoryTokens",
    "Outcome",
    "RedisTokens",
    "Sender",
    "Target",
    "TokenStore",
    "guarded_client",
]
