"""One payload to one service, and what the answer means. HTTP and the reading of answers are here, once.

HTTP 200 proves nothing: a message is sent when the service's own code says 0.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Protocol

from common.http import (
    AddressRefusedError,
    Client,
    ConnectFailedError,
    HttpError,
    Network,
    NotSentError,
    Policy,
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
ANSWER_BYTES = 4 * 1024 * 1024  # a picture that a message names is fetched, too
NOBODY = Recipients()


class Outcome(StrEnum):
    SENT = "sent"
    RATE = "rate"  # the robot pauses, no attempt is used up
    TRANSIENT = "transient"  # worth another attempt
    UNKNOWN = "unknown"  # it may have arrived
    TOKEN = "token"  # noqa: S105  refused even with a fresh token
    SIZE = "size"  # worth one attempt with smaller parts
    PERMANENT = "permanent"  # the channel's owner has to act
    FAULT = "fault"  # of this message alone: the next one may arrive


@dataclass(frozen=True)
class AppCredentials:
    """A WeCom application; `to` is whom it writes to when the message names nobody."""

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    to: Recipients = NOBODY


@dataclass(frozen=True)
class Target:
    """`url` is the robot's, with its token; for an application the base of its API."""

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    proxy_url: str = field(default="", repr=False)
    app: AppCredentials | None = None

    @property
    def secrets(self) -> list[str]:
        """What no row may hold of it, also where the service repeats it."""
        own = [self.secret, self.app.secret if self.app else ""]
        return [value for value in (*own, *secrets_in(self.url), *secrets_in(self.proxy_url)) if value]


@dataclass(frozen=True)
class Answer:
    """`errcode` and `errmsg` are the service's own words, "" where it gave none; `response` is its body.

    `pause_seconds`: how long the robot keeps quiet after RATE. `missed`: whom a message SENT did not reach.
    `may_repeat`: after UNKNOWN the same payload under the same key still arrives once at most.
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
    """What a sender needs of common.http.Client. Any status is an answer; raises HttpError."""

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
"""From a channel's proxy URL, or "", to the client that goes through it."""


def guarded_clients(allowed_networks: tuple[Network, ...] = ()) -> Clients:
    @lru_cache(maxsize=64)
    def client(proxy_url: str) -> Http:
        policy = Policy(
            allowed_networks=allowed_networks,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            total_seconds=TOTAL_SECONDS,
            max_bytes=ANSWER_BYTES,
            proxy_url=proxy_url,
        )
        return Client(policy)

    return client


class Sender(ABC):
    """One kind of channel: where its code stands in the answer, and what its codes mean."""

    code_name: ClassVar[str] = "errcode"
    text_name: ClassVar[str] = "errmsg"
    outcomes: ClassVar[Mapping[str, Outcome]] = {}
    notes: ClassVar[Mapping[str, str]] = {}
    """From a code to the note that says what to do."""
    may_repeat: ClassVar[bool] = False

    def __init__(
        self, clients: Clients, clock: Callable[[], float] = time.time, tokens: TokenStore | None = None
    ) -> None:
        """`tokens` is for the kinds that fetch one before they send; without it each sender keeps its own."""
        self.clients = clients
        self.clock = clock
        self.tokens = tokens or MemoryTokens(clock)

    @abstractmethod
    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        """`key` (at most 64 characters) names this payload: the same again when it is sent again."""

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
        code, text = code_of(body, self.code_name), str(body.get(self.text_name, ""))
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
        """How long the robot keeps quiet after it was told that it sends too much."""


def unanswered(error: HttpError) -> Answer:
    said = f"{type(error).__name__}: {error}"
    match error:
        case AddressRefusedError():
            return Answer(Outcome.PERMANENT, errmsg=said, note=note("address_refused"))
        case ConnectFailedError():
            return Answer(Outcome.TRANSIENT, errmsg=said)
        case NotSentError():
            return Answer(Outcome.PERMANENT, errmsg=said)
    return Answer(Outcome.UNKNOWN, errmsg=said)


def json_object(response: Response) -> dict[str, Any]:
    """{} for anything else: HTML of a proxy, an empty body."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def code_of(body: Mapping[str, Any], name: str) -> str:
    """The service's code, which is a number or a string; "" where there is none."""
    code = body.get(name)
    return str(code) if isinstance(code, int | str) and not isinstance(code, bool) else ""
