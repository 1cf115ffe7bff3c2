"""What a call to Dify can end in, drawn by what may be done next.

DifyError
├── NotStarted          nothing can have started: the same call may be made again by itself
│   ├── Unreachable         DNS, TCP, TLS, the proxy
│   └── RateLimited         429, or 400 "Too many requests" (the app's limit of concurrent runs)
├── Refused             Dify said no: the same call would be refused again
│   ├── AuthFailed          401, 403
│   ├── Misconfigured       app type, workflow, inputs, address
│   │   ├── WrongBaseUrl
│   │   └── AddressNotAllowed
│   └── ModelFailed         a provider or a model: it may recover
├── Unanswered          a question (detail, logs, info, …) got no usable answer: ask again later
├── RunNotFound         no run of this app has that id
├── OutcomeUnknown      the run may have started and may go on: to be recovered, never started again blindly
├── TimedOut            the task's own time is over; the run may go on
└── Canceled            by our own switch; the run may go on
"""


class DifyError(Exception):
    pass


class NotStarted(DifyError):
    pass


class Unreachable(NotStarted):
    pass


class RateLimited(NotStarted):
    pass


class Refused(DifyError):
    """`code` is Dify's own word, "" where it gave none."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class AuthFailed(Refused):
    pass


class Misconfigured(Refused):
    pass


class WrongBaseUrl(Misconfigured):
    pass


class AddressNotAllowed(Misconfigured):
    pass


class ModelFailed(Refused):
    pass


class Unanswered(DifyError):
    pass


class RunNotFound(DifyError):
    pass


class OutcomeUnknown(DifyError):
    pass


class TimedOut(DifyError):
    pass


class Canceled(DifyError):
    pass
