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
        "en": "This kind of schedule needs it.",
        "zh": "所选调度方式必填。",
    },
    "choice": {
        "en": "“{value}” is none of: {choices}.",
        "zh": "“{value}”不在可选值之中：{choices}。",
    },
    "time_points": {
        "en": "At most {max_count} time points; a schedule with more is easier to write as CRON or as an interval.",
        "zh": "最多 {max_count} 个时间点；更多时，用 CRON 或间隔表示更简单。",
    },
    "time_point": {
        "en": "“{value}” is no time point; write HH:MM or HH:MM:SS, from 00:00 to 23:59:59.",
        "zh": "“{value}”不是时间点，应写成 HH:MM 或 HH:MM:SS，范围 00:00 至 23:59:59。",
    },
    "timezone": {
        "en": "“{value}” is no time zone; write a name such as Asia/Shanghai.",
        "zh": "“{value}”不是时区名，应写成 Asia/Shanghai 这样的名称。",
    },
    "unknown_calendar": {
        "en": "There is no calendar “{value}”.",
        "zh": "没有日历“{value}”。",
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
        "en": "More than {most} days.",
        "zh": "超过 {most} 天。",
    },
    "range": {
        "en": "{value} is not between {least} and {most}.",
        "zh": "{value} 不在 {least} 到 {most} 之间。",
    },
    "naive": {
        "en": "This time has no offset from UTC.",
        "zh": "该时间缺少 UTC 偏移。",
    },
    "end_before_start": {
        "en": "The end lies before the start.",
        "zh": "结束时间早于开始时间。",
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
        "en": "“{value}” is none of: {words}.",
        "zh": "“{value}”不在可用的词之中：{words}。",
    },
    "cron_field_count": {
        "en": "A cron expression has 5 fields, or 6 with seconds first; this one has {count}.",
        "zh": "CRON 表达式有 5 个字段，或以秒开头的 6 个字段；此处有 {count} 个。",
    },
    "cron_second": {"en": "Wrong second field: “{value}”.", "zh": "秒字段有误：“{value}”。"},
    "cron_minute": {"en": "Wrong minute field: “{value}”.", "zh": "分钟字段有误：“{value}”。"},
    "cron_hour": {"en": "Wrong hour field: “{value}”.", "zh": "小时字段有误：“{value}”。"},
    "cron_day_of_month": {"en": "Wrong day-of-month field: “{value}”.", "zh": "日字段有误：“{value}”。"},
    "cron_month": {"en": "Wrong month field: “{value}”.", "zh": "月字段有误：“{value}”。"},
    "cron_day_of_week": {"en": "Wrong day-of-week field: “{value}”.", "zh": "星期字段有误：“{value}”。"},
}
