# attack: leave at once, without a word
# expect: script_error
# control: no, there is no host outside
import os

os._exit(0)
