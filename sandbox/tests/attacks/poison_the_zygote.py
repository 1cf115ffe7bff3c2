# attack: change what the next script inherits
# expect: stopped
# control: no, there is no host outside
import builtins
import random
import sys

builtins.poisoned = True
random.seed(1)
sys.modules["json"].poisoned = True
result = "stopped: the next script must find nothing of it"
