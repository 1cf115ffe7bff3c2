# attack: find a secret of the worker in the environment or among the interpreter's objects
# expect: stopped
# control: yes
import gc
import os
import sys

sought = "".join(["secret", "-of-", "the-worker"])
seen = [str(dict(os.environ)), str(sys.argv)]
for item in gc.get_objects():
    if item is globals() or item is seen:
        continue
    if isinstance(item, dict):
        seen += [value for value in list(item.values()) if isinstance(value, str)]
    elif isinstance(item, list | tuple):
        seen += [value for value in item if isinstance(value, str)]
result = "escaped" if any(sought in text for text in seen) else "stopped"
