"""What can be wrong with a schedule.

ScheduleError             .field (the column), .code, .params, .text(language)
├── MissingColumnError    the schedule_type needs this column and it is empty
├── MalformedValueError   the column's value can't be read, or is out of range
│   └── MalformedCronError
├── UnknownCalendarError  there is none of this code for the task's tenant
├── NeverFiresError       well formed, but it names no instant
└── EndsBeforeStartError
"""

from scheduling.schedule.language import Language, Text


class ScheduleError(ValueError):
    def __init__(self, field: str, code: str, **params: object) -> None:
        self.field = field
        self.code = code
        self.params = params
        super().__init__(self.text("en"))

    def text(self, language: Language) -> str:
        return ERROR_TEXTS[self.code][language].format(**self.params)


class MissingColumnError(ScheduleError):
    """The schedule_type needs this column and it is empty."""

    def __init__(self, field: str, schedule_type: str) -> None:
        super().__init__(field, "missing", schedule_type=schedule_type)


class MalformedValueError(ScheduleError):
    """The column's value can't be read, or is out of range."""


class MalformedCronError(MalformedValueError):
    """A field of the cron expression, or their number, is wrong."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__("cron_expression", code, **params)


class UnknownCalendarError(ScheduleError):
    """There is no calendar of this code, or it is another tenant's."""

    def __init__(self, code: str) -> None:
        super().__init__("calendar", "unknown_calendar", value=code)


class NeverFiresError(ScheduleError):
    """The expression is well formed, but names no instant."""

    def __init__(self, expression: str) -> None:
        super().__init__("cron_expression", "never_fires", value=expression)


class EndsBeforeStartError(ScheduleError):
    """The column end_at is before start_at."""

    def __init__(self) -> None:
        super().__init__("end_at", "end_before_start")


ERROR_TEXTS: dict[str, Text] = {
    "missing": {
        "en": "This field is required for the chosen kind of schedule.",
        "zh": "所选的调度方式必须填写此项。",
    },
    "choice": {
        "en": "“{value}” is not one of: {choices}.",
        "zh": "“{value}”不在可选值之中：{choices}。",
    },
    "time_points": {
        "en": "At most {max_count} time points are allowed; write more of them as CRON or as an interval.",
        "zh": "最多 {max_count} 个时间点；更多时，用 CRON 或间隔表示更简单。",
    },
    "time_point": {
        "en": "“{value}” is not a time point; write HH:MM or HH:MM:SS, from 00:00 to 23:59:59.",
        "zh": "“{value}”不是时间点，应写成 HH:MM 或 HH:MM:SS，范围 00:00 至 23:59:59。",
    },
    "timezone": {
        "en": "“{value}” is not a time zone; write a name such as Asia/Shanghai.",
        "zh": "“{value}”不是时区名，应写成 Asia/Shanghai 这样的名称。",
    },
    "unknown_calendar": {
        "en": "The calendar “{value}” does not exist.",
        "zh": "日历“{value}”不存在。",
    },
    "day_line": {
        "en": "Line {line}: “{value}” does not begin with a date such as 2026-10-01.",
        "zh": "第 {line} 行：“{value}”不以 2026-10-01 这样的日期开头。",
    },
    "day_range": {
        "en": "Line {line}: the range is empty, or longer than {most} days.",
        "zh": "第 {line} 行：日期范围为空，或超过 {most} 天。",
    },
    "too_many_days": {
        "en": "There are more than {most} days: set fewer at once.",
        "zh": "超过 {most} 天，请分次设置。",
    },
    "range": {
        "en": "{value} is not between {least} and {most}.",
        "zh": "{value} 不在 {least} 到 {most} 之间。",
    },
    "naive": {
        "en": "The time has no UTC offset: write it as 2026-01-31T08:00:00+08:00.",
        "zh": "时间缺少 UTC 偏移，应写成 2026-01-31T08:00:00+08:00。",
    },
    "end_before_start": {
        "en": "The end must not be before the start.",
        "zh": "结束时间不能早于开始时间。",
    },
    "never_fires": {
        "en": "“{value}” never fires: no date matches it.",
        "zh": "“{value}”永远不会触发：没有日期与之相符。",
    },
    "cron_too_long": {
        "en": "The expression is longer than {most} characters.",
        "zh": "表达式超过 {most} 个字符。",
    },
    "cron_word": {
        "en": "“{value}” is not one of: {words}.",
        "zh": "“{value}”不在可用的词之中：{words}。",
    },
    "cron_field_count": {
        "en": "A cron expression has 5 fields, or 6 with seconds first; this one has {count}.",
        "zh": "CRON 表达式有 5 个字段，或以秒开头的 6 个字段；此处有 {count} 个。",
    },
    "cron_year": {
        "en": "A year field ({value}) is not supported: leave it out, and set valid from (start_at) and valid until "
        "(end_at) instead.",
        "zh": "不支持年字段（{value}）：请去掉它，改用生效时间（start_at）和失效时间（end_at）。",
    },
    "cron_quartz_weekday": {
        "en": "This is Quartz's notation, in which 1 is Sunday; here, 1 is Monday. Write “{names}” for “{value}”.",
        "zh": "这是 Quartz 的写法，其中 1 表示星期日，而这里 1 表示星期一。请用名称：把“{value}”写成“{names}”。",
    },
    "cron_second": {"en": "Invalid second field: “{value}”.", "zh": "秒字段有误：“{value}”。"},
    "cron_minute": {"en": "Invalid minute field: “{value}”.", "zh": "分钟字段有误：“{value}”。"},
    "cron_hour": {"en": "Invalid hour field: “{value}”.", "zh": "小时字段有误：“{value}”。"},
    "cron_day_of_month": {"en": "Invalid day-of-month field: “{value}”.", "zh": "日字段有误：“{value}”。"},
    "cron_month": {"en": "Invalid month field: “{value}”.", "zh": "月字段有误：“{value}”。"},
    "cron_day_of_week": {"en": "Invalid day-of-week field: “{value}”.", "zh": "星期字段有误：“{value}”。"},
}
