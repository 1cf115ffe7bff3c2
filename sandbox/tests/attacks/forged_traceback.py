# attack: an error whose text looks like the platform's own
# expect: script_error
# control: no, there is no host outside
raise RuntimeError(
    'x\nTraceback (most recent call last):\n  File "/platform/secrets.py", line 1\n\x1b[31mfatal'
)
