"""Cron expressions: 5 fields, or 6 with seconds first, with Debian cron's meaning as cronsim implements it.

What other schedulers write differently is translated, or refused with what to write instead: see `cron_dialects`.

cronsim only computes wall times, without a zone: its own DST rules hold for 5 fields alone, and where offsets change
by half an hour its hour steps leave the grid. `due` maps wall times to instants.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cronsim import CronSim, CronSimError
from cronsim.cronsim import Field

from scheduling.schedule.cron_dialects import Remark, in_debians_terms
from scheduling.schedule.errors import MalformedCronError, NeverFiresError

MAX_LENGTH = 100

WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

FIELDS = {
    "cron_second": Field.SECOND,
    "cron_minute": Field.MINUTE,
    "cron_hour": Field.HOUR,
    "cron_day_of_month": Field.DAY,
    "cron_month": Field.MONTH,
    "cron_day_of_week": Field.DOW,
}

# From here cronsim's search of 50 years meets each of the 14 kinds of year: finding nothing proves that there is none.
PROOF_START = datetime(2000, 1, 1)  # noqa: DTZ001 (a wall time)


@dataclass(frozen=True)
class Cron:
    """`minute_part` is the expression's last five fields; `fields` holds the parsed sets of all six.

    `remarks` are for its author: it is valid, but perhaps not what was meant.
    """

    minute_part: str
    seconds: tuple[int, ...]
    fields: CronSim
    remarks: tuple[Remark, ...] = ()

    @property
    def follows_real_time(self) -> bool:
        """Whether this is one of Debian cron's wildcard jobs: the minute or the hour field begins with a star."""
        minute, hour, *_ = self.minute_part.split()
        return minute.startswith("*") or hour.startswith("*")

    def walls(self, after: datetime) -> Iterator[datetime]:
        """Yield the matching wall times (naive) after the naive `after`, ascending; ends when 50 years have none."""
        minute_before = after.replace(second=0, microsecond=0) - timedelta(seconds=1)
        for minute in CronSim(self.minute_part, minute_before):
            for second in self.seconds:
                wall = minute.replace(second=second)
                if wall > after:
                    yield wall

    def ever_fires(self) -> bool:
        return next(self.walls(PROOF_START), None) is not None


@lru_cache(maxsize=4096)
def parse_cron(expression: str) -> Cron:
    """Parse an expression. Raises MalformedCronError, and NeverFiresError for a day that none of its months has."""
    if len(expression) > MAX_LENGTH:
        raise MalformedCronError("cron_too_long", most=MAX_LENGTH)
    six_parts, remarks = in_debians_terms(_expanded(expression).upper().split())
    for (code, field), part in zip(FIELDS.items(), six_parts, strict=True):
        try:
            field.parse(part)
        except CronSimError as error:
            raise MalformedCronError(code, value=part) from error
    try:
        fields = CronSim(" ".join(six_parts), PROOF_START)
    except CronSimError as error:
        raise NeverFiresError(expression) from error
    return Cron(" ".join(six_parts[1:]), tuple(sorted(fields.seconds)), fields, remarks)


def _expanded(expression: str) -> str:
    word = expression.strip().lower()
    if not word.startswith("@"):
        return expression
    if word not in WORDS:
        raise MalformedCronError("cron_word", value=expression.strip(), words=" ".join(WORDS))
    return WORDS[word]
