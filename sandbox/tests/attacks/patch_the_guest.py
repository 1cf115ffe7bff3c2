# attack: change the guest's own code, which runs after the script
# expect: stopped
# control: no, there is no host outside
import json
import sys

for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("sandbox.") and hasattr(module, "Frames"):
        module.Frames = None
json.JSONEncoder.default = lambda self, value: value
result = "stopped: it can only lie about itself"
