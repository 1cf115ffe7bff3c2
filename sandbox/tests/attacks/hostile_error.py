# attack: an exception that fights back when it is shown
# expect: script_error
# control: no, there is no host outside
class Hostile(Exception):
    def __str__(self):
        raise self

    __repr__ = __str__


raise Hostile("x" * 10_000_000) from Hostile()
