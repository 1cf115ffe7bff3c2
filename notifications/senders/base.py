"""Sends one payload to one service and judges the answer. What all senders share of HTTP is here.

HTTP 200 proves nothing: a message is sent when the service's own code is 0.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from common import outbound
from common.http import (
    AddressRefusedError,
    Client,
    ConnectFailedError,
    HttpError,
    NotSentError,
    Response,
    UploadFile,
)
from common.redact import secrets_in
from notifications.messages import Recipients
from notifications.notes import Note, note

from .tokens import MemoryTokens, TokenStore

CONNECT_SECONDS = 5
READ_SECONDS = 15
TOTAL_SECONDS = 30
ANSWER_BYTES = 4 * 1024 * 1024  # enough for a picture that a message names, which is fetched, too
NOBODY = Recipients()


class Outcome(StrEnum):
    SENT = "sent"
    RATE = "rate"  # the robot pauses, no attempt is used up
    TRANSIENT = "transient"  # worth another attempt
    UNKNOWN = "unknown"  # it may have arrived
    TOKEN = "token"  # noqa: S105  refused even with a fresh token
    SIZE = "size"  # worth one attempt with smaller parts
    PERMANENT = "permanent"  # the channel's owner has to act
    FAULT = "fault"  # a fault of this message alone: the next one may arrive


@dataclass(frozen=True)
class AppCredentials:
    """The credentials of a WeCom application; `to` are the recipients of a message that names none."""

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    to: Recipients = NOBODY


@dataclass(frozen=True)
class Target:
    """Where to send. `url` is the robot's, with its token; for an application it is the base of its API."""

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    proxy_url: str = field(default="", repr=False)
    app: AppCredentials | None = None

    @property
    def secrets(self) -> list[str]:
        """The parts that no row may hold, not even where the service repeats them in its answer."""
        own = [self.secret, self.app.secret if self.app else ""]
        return [value for value in (*own, *secrets_in(self.url), *secrets_in(self.proxy_url)) if value]


@dataclass(frozen=True)
class Answer:
    """What a service answered. `errcode` and `errmsg` are its own words, "" where it gave none; `response` its body.

    `pause_seconds`: how long the robot pauses after RATE. `missed`: the people a message SENT did not reach.
    `may_repeat`: after UNKNOWN, the same payload sent again under the same key still arrives at most once.
    """

    outcome: Outcome
    errcode: str = ""
    errmsg: str = ""
    response: str = ""
    pause_seconds: float = 0
    missed: Recipients = NOBODY
    may_repeat: bool = False
    note: Note | None = None

    @property
    def ok(self) -> bool:
        return self.outcome is Outcome.SENT


class Http(Protocol):
    """The part of common.http.Client that a sender needs. Any status is an answer; without one HttpError is raised."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        data: bytes | str | Mapping[str, str] | None = None,
        files: Mapping[str, UploadFile] | None = None,
    ) -> Response: ...


Clients = Callable[[str], Http]
"""Returns the client for a channel's proxy URL, or for "" the one by the operator's proxy, if there is any."""


def guarded_client(proxy_url: str) -> Http:
    policy = outbound.policy(
        proxy_url,
        connect_seconds=CONNECT_SECONDS,
        read_seconds=READ_SECONDS,
        total_seconds=TOTAL_SECONDS,
        max_bytes=ANSWER_BYTES,
    )
    return Client(policy)


class Sender(ABC):
    """The sender of one kind of channel: which members of the answer hold the code, and what each code means."""

    code_names: ClassVar[tuple[str, ...]] = ("errcode",)
    text_names: ClassVar[tuple[str, ...]] = ("errmsg",)
    """The members that may hold the service's code and its words; the first that is there counts."""
    outcomes: ClassVar[Mapping[str, Outcome]] = {}
    notes: ClassVar[Mapping[str, str]] = {}
    """The note, by code, that says what to do."""
    may_repeat: ClassVar[bool] = False

    def __init__(
        self, clients: Clients, clock: Callable[[], float] = time.time, tokens: TokenStore | None = None
    ) -> None:
        """Make a sender. `tokens` is for kinds that fetch a token before they send; by default each keeps its own."""
        self.clients = clients
        self.clock = clock
        self.tokens = tokens or MemoryTokens(clock)

    @abstractmethod
    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        """Send one payload and return the service's answer.

        `key` (at most 64 characters) identifies the payload: it is the same when the payload is sent again.
        """

    def post(
        self, target: Target, url: str, body: dict[str, Any], params: Mapping[str, str | int] | None = None
    ) -> Answer:
        try:
            response = self.clients(target.proxy_url).request("POST", url, params=params, json=body)
        except HttpError as error:
            return replace(unanswered(error), may_repeat=self.may_repeat)
        return self.judge(response)

    def judge(self, response: Response) -> Answer:
        body = json_object(response)
        code = first_of(code_of(body, name) for name in self.code_names)
        text = first_of(str(body.get(name, "")) for name in self.text_names)
        if response.status == 429:
            outcome = Outcome.RATE
        elif response.status >= 500 or not code:
            outcome = Outcome.TRANSIENT
        else:
            outcome = self.outcome_of(code, text)
        return Answer(
            outcome,
            errcode=code,
            errmsg=text or f"HTTP {response.status}",
            response=response.text,
            pause_seconds=self.pause_seconds() if outcome is Outcome.RATE else 0,
            note=self.note_of(code, text, outcome),
        )

    def outcome_of(self, code: str, text: str) -> Outcome:
        if code == "0":
            return Outcome.SENT
        return Outcome.TRANSIENT if code == "-1" else self.outcomes.get(code, Outcome.PERMANENT)

    def note_of(self, code: str, text: str, outcome: Outcome) -> Note | None:
        if outcome is Outcome.FAULT:
            return note("our_fault")
        return note(self.notes[code]) if code in self.notes else None

    @abstractmethod
    def pause_seconds(self) -> float:
        """Return how many seconds the robot pauses after the service has refused its messages as too many."""


def unanswered(error: HttpError) -> Answer:
    message = f"{type(error).__name__}: {error}"
    match error:
        case AddressRefusedError():
            return Answer(Outcome.PERMANENT, errmsg=message, note=note("address_refused"))
        case ConnectFailedError():
            return Answer(Outcome.TRANSIENT, errmsg=message)
        case NotSentError():
            return Answer(Outcome.PERMANENT, errmsg=message)
    return Answer(Outcome.UNKNOWN, errmsg=message)


def json_object(response: Response) -> dict[str, Any]:
    """Return the response's JSON object, or {} for anything else, such as a proxy's HTML or an empty body."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def code_of(body: Mapping[str, Any], name: str) -> str:
    """Return the service's code, which is a number or a string, as text; "" where there is none."""
    code = body.get(name)
    return str(code) if isinstance(code, int | str) and not isinstance(code, bool) else ""


def first_of(texts: Iterable[str]) -> str:
    """Return the first text that is not empty, "" where all are."""
    return next(filter(None, texts), "")
