"""What the supervisor has to run, as `manage.py up` has found out with Django. It goes over as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from platform_site.up.services import Service


@dataclass(frozen=True)
class Redis:
    """The embedded server. It is ready when it has obeyed `commands`; `address_file` is deleted at the end."""

    service: Service
    port: int
    commands: list[str]
    address_file: str


@dataclass(frozen=True)
class Probe:
    """An address that answers 200 as soon as a service is ready. `token` lets it say why it is not."""

    name: str
    host: str
    port: int
    path: str
    token: str = ""


@dataclass(frozen=True)
class Plan:
    """`lock` is the descriptor of the data dir's lock; `ready` is said when all probes answer."""

    lock: int
    redis: Redis | None
    services: list[Service]
    probes: list[Probe]
    ready: str

    def json(self) -> bytes:
        return json.dumps(asdict(self)).encode()


def read(text: bytes) -> Plan:
    found = json.loads(text)
    redis = found["redis"]
    return Plan(
        lock=found["lock"],
        redis=Redis(**redis | {"service": Service(**redis["service"])}) if redis else None,
        services=[Service(**service) for service in found["services"]],
        probes=[Probe(**probe) for probe in found["probes"]],
        ready=found["ready"],
    )
