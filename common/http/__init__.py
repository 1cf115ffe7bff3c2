"""The guarded HTTP client."""

from .addresses import Network
from .answer import Response, Stream
from .call import CancelSwitch, Countdown
from .client import Client
from .dial import Resolver, reach
from .errors import (
    AddressRefusedError,
    CanceledError,
    ConnectFailedError,
    ConnectionLostError,
    DeadlineExceededError,
    HttpError,
    InvalidBodyError,
    InvalidHeaderError,
    InvalidUrlError,
    NotSentError,
    ReadTimeoutError,
    ResponseTooLargeError,
    SentError,
    TooManyRedirectsError,
)
from .outgoing import UploadFile
from .policy import Policy

__all__ = [
    "AddressRefusedError",
    "CancelSwitch",
    "CanceledError",
    "Client",
    "ConnectFailedError",
    "ConnectionLostError",
    "Countdown",
    "DeadlineExceededError",
    "HttpError",
    "InvalidBodyError",
    "InvalidHeaderError",
    "InvalidUrlError",
    "Network",
    "NotSentError",
    "Policy",
    "ReadTimeoutError",
    "Resolver",
    "Response",
    "ResponseTooLargeError",
    "SentError",
    "Stream",
    "TooManyRedirectsError",
    "UploadFile",
    "reach",
]
