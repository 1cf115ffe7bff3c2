# attack: crash the interpreter
# expect: script_error
# control: no, it crashes
import ctypes

ctypes.string_at(0)
