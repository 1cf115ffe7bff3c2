"""周报：按人统计工时"""
from __future__ import annotations

import json
from collections import Counter, OrderedDict, namedtuple
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Dict, Generic, List, NamedTuple, Optional, TypeVar

T = TypeVar("T")


class Kind(str, Enum):
    DEV = "开发"
    MEETING = "会议"


@dataclass(order=True)
class Entry:
    hours: float
    who: str = field(compare=False)
    kind: Kind = field(default=Kind.DEV, compare=False)
    tags: List[str] = field(default_factory=list, compare=False)


class Box(Generic[T]):
    def __init__(self, items: Optional[List[T]] = None) -> None:
        self.items = items or []

    def __iter__(self):
        return iter(self.items)


class Row(NamedTuple):
    name: str
    total: float


Point = namedtuple("Point", "x y")
box: Box[Entry] = Box([Entry(3.5, "小王"), Entry(1, "小李", Kind.MEETING, ["例会"]), Entry(6, "小王"), Entry(4.25, "小李")])
totals: Dict[str, float] = Counter()
for e in box:
    totals[e.who] += e.hours
for row in sorted((Row(k, v) for k, v in totals.items()), key=lambda r: -r.total):
    print(f"{row.name}: {row.total} 小时 {'█' * int(row.total)}")
print(max(box), Point(1, y=2))
print(json.dumps(OrderedDict(asdict(min(box))), ensure_ascii=False, indent=1))
match box.items[1]:
    case Entry(kind=Kind.MEETING, tags=[tag, *_]):
        print("会议标签", tag)
