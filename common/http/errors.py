"""The errors that a request can end in.

HttpError
├── NotSentError               nothing of the request left this machine: it may be tried again
│   ├── InvalidUrlError
│   ├── InvalidHeaderError
│   ├── InvalidBodyError       two bodies, or a value that is no JSON
│   ├── AddressRefusedError    the host is, or its name leads to, an address that is not public and not allowed
│   │   └── PortRefusedError   or one that is public, but not at this port
│   └── ConnectFailedError     DNS, TCP, TLS or the proxy
├── SentError                  the request, or a part of it, was sent: the other side may have acted on it
│   ├── ConnectionLostError    cut, reset, or not HTTP
│   ├── ReadTimeoutError       no byte for `read_seconds`
│   ├── DeadlineExceededError  `total_seconds` are over
│   ├── ResponseTooLargeError  more than `max_bytes` after decompression
│   └── TooManyRedirectsError
└── CanceledError              our own CancelSwitch was thrown
"""


class HttpError(Exception):
    """A request that failed. The text names no more than the host: paths and queries hold tokens."""


class NotSentError(HttpError):
    pass


class InvalidUrlError(NotSentError):
    pass


class InvalidHeaderError(NotSentError):
    pass


class InvalidBodyError(NotSentError):
    pass


class AddressRefusedError(NotSentError):
    pass


class PortRefusedError(AddressRefusedError):
    pass


class ConnectFailedError(NotSentError):
    pass


class SentError(HttpError):
    pass


class ConnectionLostError(SentError):
    pass


class ReadTimeoutError(SentError):
    pass


class DeadlineExceededError(SentError):
    pass


class ResponseTooLargeError(SentError):
    pass


class TooManyRedirectsError(SentError):
    pass


class CanceledError(HttpError):
    pass
