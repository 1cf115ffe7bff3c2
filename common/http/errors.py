"""What a request can end in, other than an answer.

HttpError
├── NotSent               nothing of the request left this machine: it may be tried again
│   ├── InvalidUrl
│   ├── InvalidHeader
│   ├── InvalidBody           two bodies, or a value that is no JSON
│   ├── AddressRefused        the host is, or its name leads to, an address that is not public
│   └── ConnectFailed         DNS, TCP, TLS or the proxy
├── Sent                  the request, or a part of it, was sent: the other side may have acted on it
│   ├── ConnectionLost        cut, reset, or not HTTP
│   ├── ReadTimeout           no byte for `read_seconds`
│   ├── DeadlineExceeded      `total_seconds` are over
│   ├── ResponseTooLarge      more than `max_bytes` after decompression
│   └── TooManyRedirects
└── Canceled              our own CancelSwitch was thrown
"""


class HttpError(Exception):
    """Its text names the host at most: paths and queries hold tokens."""


class NotSent(HttpError):
    pass


class InvalidUrl(NotSent):
    pass


class InvalidHeader(NotSent):
    pass


class InvalidBody(NotSent):
    pass


class AddressRefused(NotSent):
    pass


class ConnectFailed(NotSent):
    pass


class Sent(HttpError):
    pass


class ConnectionLost(Sent):
    pass


class ReadTimeout(Sent):
    pass


class DeadlineExceeded(Sent):
    pass


class ResponseTooLarge(Sent):
    pass


class TooManyRedirects(Sent):
    pass


class Canceled(HttpError):
    pass
