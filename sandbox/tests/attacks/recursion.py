# attack: overflow the stack
# expect: script_error | memory_limit
# control: no, it crashes
import sys

sys.setrecursionlimit(1 << 30)


def down():
    return down()


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")


Deep().x
down()
