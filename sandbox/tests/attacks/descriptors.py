# attack: open descriptors without end
# expect: stopped
# control: no, it would take the worker's
import os

held = []
try:
    while len(held) < 10_000:
        held += os.pipe()
    result = f"escaped: {len(held)}"
except OSError as error:
    result = f"stopped: {len(held)}: {error}"
