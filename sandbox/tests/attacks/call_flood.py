# attack: call without end
# expect: call_limit
# control: no, there is no host outside
while True:
    get_var("x")
