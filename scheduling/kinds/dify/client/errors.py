"""The errors of a call to Dify, grouped by what may be done next.

DifyError
├── NotStartedError         nothing can have started: the same call may be made again by itself
│   ├── UnreachableError    DNS, TCP, TLS, the proxy
│   └── RateLimitedError    429, or 400 "Too many requests" (the app's limit of concurrent runs)
├── RefusedError            Dify refused: the same call would be refused again
│   ├── AuthFailedError     401, 403
│   ├── MisconfiguredError  app type, workflow, inputs, address
│   │   ├── WrongBaseUrlError
│   │   └── AddressNotAllowedError
│   └── ModelFailedError    a provider or a model: it may recover
├── UnansweredError         a question (detail, logs, info, …) got no usable answer: ask again later
├── RunNotFoundError        no run of this app has that id
├── OutcomeUnknownError     the run may have started and may go on: recover it, never start it again blindly
├── TimedOutError           the task's own time is over; the run may go on
└── CanceledError           our own switch ended the call; the run may go on
"""


class DifyError(Exception):
    pass


class NotStartedError(DifyError):
    pass


class UnreachableError(NotStartedError):
    pass


class RateLimitedError(NotStartedError):
    pass


class RefusedError(DifyError):
    """`code` is Dify's own error code, "" where it gave none."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class AuthFailedError(RefusedError):
    pass


class MisconfiguredError(RefusedError):
    pass


class WrongBaseUrlError(MisconfiguredError):
    pass


class AddressNotAllowedError(MisconfiguredError):
    pass


class ModelFailedError(RefusedError):
    pass


class UnansweredError(DifyError):
    pass


class RunNotFoundError(DifyError):
    pass


class OutcomeUnknownError(DifyError):
    pass


class TimedOutError(DifyError):
    pass


class CanceledError(DifyError):
    pass
