"""The guarded HTTP client."""

from .addresses import Network
from .answer import Response, Stream
from .call import CancelSwitch, Countdown
from .client import Client
from .dial import Resolver, reach
from .errors import (
    AddressRefused,
    Canceled,
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    HttpError,
    InvalidBody,
    InvalidHeader,
    InvalidUrl,
    NotSent,
    ReadTimeout,
    ResponseTooLarge,
    Sent,
    TooManyRedirects,
)
from .outgoing import UploadFile
from .policy import Policy

__all__ = [
    "AddressRefused",
    "CancelSwitch",
    "Canceled",
    "Client",
    "ConnectFailed",
    "ConnectionLost",
    "Countdown",
    "DeadlineExceeded",
    "HttpError",
    "InvalidBody",
    "InvalidHeader",
    "InvalidUrl",
    "Network",
    "NotSent",
    "Policy",
    "ReadTimeout",
    "Resolver",
    "Response",
    "ResponseTooLarge",
    "Sent",
    "Stream",
    "TooManyRedirects",
    "UploadFile",
    "reach",
]
