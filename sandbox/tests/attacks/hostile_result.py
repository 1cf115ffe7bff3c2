# attack: a result that is never the same twice and names itself
# expect: result_limit
# control: no, there is no host outside
class Hostile(dict):
    def items(self):
        yield "self", self


result = {"x": Hostile(y=1)}
