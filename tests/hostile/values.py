"""What nobody sends by mistake, in the forms in which it comes: in an address, a form, JSON, a header."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings

DIGITS = "9" * 5000  # int() takes 4300
DEEP = 100_000

# Percent-encoded already: some are no text at all.
WORDS = [
    "",
    "0",
    "-1",
    "9" * 19,
    str(2**31),
    str(2**63),
    str(-(2**63) - 1),
    str(2**64),
    DIGITS,
    "-" + DIGITS,
    quote("١٢٣٤٥٦٧"),
    quote("²"),
    "1e400",
    "NaN",
    "1.5",
    "1,2," + str(2**64),
    "%00",
    "1%00",
    "%ff",
    "%ed%a0%80",  # half a surrogate pair in what looks like UTF-8
    "%f0%9f%a6%8a",
    "a" * 4000,
    quote("字" * 1000),
    "..",
    "..%2f..%2fetc",
    "%27%22%3c%60",
    "%25",
    "_5F",
    "_00",
    "_FF_3D",
    "%0d%0aX:%201",
    "%7b%7d%5b%5d%25s",
    "\\",
    "true",
    "null",
]
TIMES = [
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "99999-01-01",
    "2026-02-30",
    "0001-01-01T00:00:00%2b14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-01-01T00:00:00%2b99:99",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:00",
    quote("２０２６-０１-０１"),
    "2026-W01-1",
]

TEXTS = [
    "\x00",
    "a\x00b",
    "\ufffe\uffff",
    "🦊" * 60,
    "字" * 300,
    "a" * 70_000,
    DIGITS,
    "-1",
    str(2**31),
    str(2**63),
    str(2**64),
    "1e400",
    "NaN",
    "Infinity",
    "١٢",
    "0001-01-01T00:00",
    "0001-01-01",
    "9999-12-31T23:59:59",
    "9999-12-31",
    "99999-01-01T00:00",
    "00:00",
    "2026-01-01T00:00:00+99:99",
    "[" * DEEP,
    '{"a": 1e400}',
    '{"a": NaN}',
    '{"\\ud800": "\\u0000"}',
    '"\\ud800"',
    "null",
    "[]",
    "1",
    "{{ " * 3000,
    "%s%(x)s{0}",
    "http://[::1",
    "http://\x7f:99999/",
    "http://a" + "a" * 300 + ".example/",
    "é́" * 50,
    "\u202e\r\n\t",
    "' OR 1=1 --",
    "../../etc/passwd",
    "on",
    "",
]

JSONS: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**63 - 1,
    -(2**63),
    1.5,
    1e308,
    [],
    {},
    [None],
    [[]],
    [2**63 - 1],
    ["\ud800"],
    {"": ""},
    {"a": [[[[]]]]},
    *TEXTS,
    "\ud800",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-01-01T00:00:00Z",
    "8999-12-31T23:59:59Z",
    "1970-01-01T00:00:00+14:00",
]
# What json.dumps does not write.
RAW_JSON = [
    str(2**63).encode(),
    str(2**64).encode(),
    DIGITS.encode(),
    b"1e400",
    b"NaN",
    b"-Infinity",
    b"[" * DEEP,
    b"[" * 60 + b"]" * 60,
    b'{"a":1,"a":2}',
    b'"\xff"',
    b"",
]
JSON_BODIES = [
    *RAW_JSON,
    b"\x00",
    b"{",
    b"null",
    b"[]",
    b'{"a": 1}',
    b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"),
]

MANY = "&".join(f"a{number}=1" for number in range(1100))  # Django reads 1,000
QUERIES = [
    MANY, "&&&===", "q=1&q=2&p=%00&p=1", "%00=%ff", "%", "%zz=%zz", "q[]=1&q[a]=2", ";;;", "a" * 7000,
    "_changelist_filters=%26%26p%3d9%00", "_to_field=&_popup=1",
]  # fmt: skip
FORM_BODIES = [
    b"",
    b"\xff\xfe=\x00",
    MANY.encode(),
    b"%00=%00&=&%",
    b"--x\r\nContent-Disposition: form-data\r\n\r\n",
]

HEADERS = [
    "", "0", "-1", DIGITS, "\xff\xfe", "\x00", "a" * 8000, "%00", "*", "DELETE", "," * 2000,
    "Bearer", "Bearer \xff", "Bearer \x00", f"Bearer {'x' * 5000}", "Bearer a b", "Basic \xff",
    "zh-hans;q=\xff", f"de;q={DIGITS}", "a-" * 400, f"{'x' * 600},en",
    "a.b:99999", "[::1", "localhost:99999999999", "http://[::1", "http://\xff/", "1.2.3.4, \xff", "999.999.999.999",
    f'"{DIGITS}"', 'W/"1"', "bytes=9-1,0-99999999999999999999", "Mon, 99 Nov 9999 99:99:99 GMT",
]  # fmt: skip
NAMES = (
    settings.SESSION_COOKIE_NAME,
    settings.CSRF_COOKIE_NAME,
    "django_language",
    "messages",
    "platform_zone",
)
COOKIES = [
    f"{name}={value}" for name in NAMES for value in ("\xff\x00", "x" * 32, "../../etc/passwd", "a" * 3000)
]
