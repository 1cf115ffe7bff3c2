# attack: import the platform's own code, beside the guest's part that is already loaded
# expect: stopped
# control: yes
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(get_param("package"))))
try:
    import sandbox.host.runner

    result = f"escaped: {sandbox.host.runner}"
except (ImportError, OSError) as error:
    result = f"stopped: {error}"
