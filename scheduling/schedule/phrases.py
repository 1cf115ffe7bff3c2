"""The phrases in which schedules are described. `join_*` entries stand between the items of a list."""

from scheduling.schedule.language import Language, Text

PHRASES: dict[str, Text] = {
    "join": {"zh": "、", "en": ", "},
    "join_last": {"zh": "、", "en": " and "},
    "join_last_or": {"zh": "或", "en": " or "},
    "run": {"zh": "{first}–{last}", "en": "{first}–{last}"},
    # days
    "every_day": {"zh": "每天", "en": "every day"},
    "on_days": {"zh": "{days}", "en": "on {days}"},
    "dates": {"zh": " {dates} 日", "en": "day{s} {dates}"},
    "last_date": {"zh": "最后一天", "en": "the last day"},
    "last_monday_to_friday": {"zh": "最后一个周一至周五之间的日子", "en": "the last Monday-to-Friday day"},
    "on_dates": {"zh": "{month}{dates}", "en": "on {dates} of {month}"},
    "nth_weekday": {"zh": "第 {nth} 个星期{day}", "en": "the {nth} {day}"},
    "last_weekday": {"zh": "最后一个星期{day}", "en": "the last {day}"},
    "on_nth_weekdays": {"zh": "{month}{days}", "en": "on {days} of {month}"},
    "weekday": {"zh": "周{day}", "en": "{day}"},
    "weekday_run": {"zh": "周{first}至周{last}", "en": "{first} to {last}"},
    "on_weekdays": {"zh": "每{days}", "en": "every {days}"},
    "either": {"zh": "{dates}或{weekdays}", "en": "{dates} or {weekdays}"},
    "both": {"zh": "{dates}中的{weekdays}", "en": "{dates} when that is {weekdays}"},
    "any_month": {"zh": "每月", "en": "the month"},
    "months": {"zh": "每年 {months} 月的", "en": "{months}"},
    "in_months": {"zh": "{month}{days}", "en": "{days} in {month}"},
    # times
    "days_at": {"zh": "{days} {times}", "en": "{days} at {times}"},
    "days_with": {"zh": "{days}，{often}", "en": "{days}, {often}"},
    "every_second": {"zh": "每秒", "en": "every second"},
    "every_n_seconds": {"zh": "每 {n} 秒", "en": "every {n} seconds"},
    "every_minute": {"zh": "每分钟", "en": "every minute"},
    "every_n_minutes": {"zh": "每 {n} 分钟", "en": "every {n} minutes"},
    "every_hour": {"zh": "每小时", "en": "every hour"},
    "every_n_hours": {"zh": "每 {n} 小时", "en": "every {n} hours"},
    "every_n_hours_from": {"zh": "从 {time} 起每 {n} 小时", "en": "every {n} hours from {time}"},
    "hourly_between": {"zh": "{first}–{last} 每小时", "en": "every hour from {first} to {last}"},
    "at_seconds": {"zh": "第 {seconds} 秒", "en": "at second{s} {seconds}"},
    "at_minutes": {"zh": "第 {minutes} 分", "en": "at minute{s} {minutes}"},
    "of_every_minute": {"zh": "每分钟{what}", "en": "{what} of every minute"},
    "of_minutes": {"zh": "第 {minutes} 分{what}", "en": "{what} of minute{s} {minutes}"},
    "of_every_hour": {"zh": "每小时{what}", "en": "{what} of every hour"},
    "of_hours": {"zh": "{hours} 点{what}", "en": "{what} of hour{s} {hours}"},
    "between_hours": {
        "zh": "{first:02}:00–{last:02}:59 {what}",
        "en": "{what} from {first:02}:00 to {last:02}:59",
    },
    # the rest of a schedule
    "once": {"zh": "{time} 执行一次", "en": "once at {time}"},
    "counted_from": {"zh": "{often}，自 {time} 起算", "en": "{often}, counted from {time}"},
    "timezone": {"zh": "{what}（{timezone} 时间）", "en": "{what} ({timezone} time)"},
    "only_on": {"zh": "{what}，仅限{days}", "en": "{what}, only on {days}"},
    "moved_to": {
        "zh": "{what}，其他日子顺延至下一个{day}",
        "en": "{what}, on other days moved to the next {day}",
    },
    "spread": {
        "zh": "{what}，错峰延后 0 至 {seconds} 秒",
        "en": "{what}, 0 to {seconds} s later to spread the load",
    },
    "from": {"zh": "{what}，自 {time} 起", "en": "{what}, from {time}"},
    "until": {"zh": "{what}，至 {time} 止", "en": "{what}, until {time}"},
    # calendars: the days, and one of them
    "cn_workday_days": {"zh": "工作日（含调休）", "en": "Chinese working days"},
    "cn_workday_day": {"zh": "工作日（含调休）", "en": "Chinese working day"},
    "cn_holiday_days": {"zh": "节假日和周末（不含调休上班日）", "en": "Chinese days off"},
    "cn_holiday_day": {"zh": "节假日或周末（不含调休上班日）", "en": "Chinese day off"},
    "own_days": {"zh": "日历“{name}”的日子", "en": "days of the calendar “{name}”"},
    "own_day": {"zh": "日历“{name}”的日子", "en": "day of the calendar “{name}”"},
}

# Monday first.
WEEKDAYS: dict[Language, str] = {
    "zh": "一 二 三 四 五 六 日",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}
MONTHS: dict[Language, str] = {
    "zh": "1 2 3 4 5 6 7 8 9 10 11 12",
    "en": "January February March April May June July August September October November December",
}
ORDINALS: dict[Language, str] = {"zh": "1 2 3 4 5", "en": "first second third fourth fifth"}


def phrase(key: str, language: Language, **params: object) -> str:
    return PHRASES[key][language].format(**params)


def every(count: int, unit: str, language: Language) -> str:
    """Return the phrase for every `count` units; `unit` is second, minute or hour."""
    return phrase(f"every_{unit}" if count == 1 else f"every_n_{unit}s", language, n=count)


def join_list(items: list[str], language: Language, *, last: str = "join_last") -> str:
    """Join the items as “a、b、c” or “a, b and c”; `last` is the key of the phrase before the last item."""
    if len(items) < 2:
        return "".join(items)
    return phrase("join", language).join(items[:-1]) + phrase(last, language) + items[-1]


def ranges_of(numbers: set[int]) -> list[tuple[int, int]]:
    """Return (first, last) of each row of three or more successive numbers; every other number is (n, n)."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return [part for run in found for part in _split_pair(*run)]


def _split_pair(first: int, last: int) -> list[tuple[int, int]]:
    return [(first, first), (last, last)] if last == first + 1 else [(first, last)]


def numbers_listed(numbers: set[int], language: Language) -> str:
    items = [
        str(first) if first == last else phrase("run", language, first=first, last=last)
        for first, last in ranges_of(numbers)
    ]
    return join_list(items, language)


def is_plural(numbers: set[int]) -> str:
    return "s" if len(numbers) > 1 else ""
