"""The guarded HTTP client."""

from .addresses import Network
from .answer import Response, Stream
from .call import CancelSwitch, Countdown
from .client import Client
from .connections import Connections
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
    PortRefusedError,
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
    "Connections",
    "Countdown",
    "DeadlineExceededError",
    "HttpError",
    "InvalidBodyError",
    "InvalidHeaderError",
    "InvalidUrlError",
    "Network",
    "NotSentError",
    "Policy",
    "PortRefusedError",
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
