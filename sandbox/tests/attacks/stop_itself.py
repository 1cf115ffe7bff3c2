# attack: stop itself, so as never to be finished
# expect: timeout
# control: no, it never ends
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
