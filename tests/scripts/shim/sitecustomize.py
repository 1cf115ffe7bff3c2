"""Gives a script under plain python3 the names that the SDK gives it in the jail. Python imports this at its start."""

import atexit
import builtins
import json
import os
import sys

_given = json.loads(os.environ.pop("SDK_VALUES"))


def _show_result() -> None:
    result = getattr(sys.modules["__main__"], "result", None)
    if result is not None:
        print("result:", json.dumps(result, ensure_ascii=False))


vars(builtins).update(
    get_secret=_given["secrets"].__getitem__,
    get_param=_given["params"].get,
    notify=lambda message, channel=None: print("notify:", message),
)
atexit.register(_show_result)
