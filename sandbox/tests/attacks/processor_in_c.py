# attack: burn the processor inside one C call that no Python signal handler interrupts
# expect: cpu_limit
# control: no, it never ends
import re

re.match(r"(a*)*b", "a" * 64)
