import logging

from common.redact.logs import MaskingFormatter

KEY = "app-0123456789abcdefghij"


def test_a_line_is_masked_with_what_was_filled_in_and_with_its_traceback() -> None:
    try:
        raise ValueError(f"refused {KEY}")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 1, "asked %s", (KEY,), (ValueError, error, error.__traceback__)
        )
    line = MaskingFormatter("%(name)s %(message)s").format(record)
    assert line.startswith("x asked app-***ghij\n")
    assert "ValueError: refused app-***ghij" in line
    assert KEY not in line
