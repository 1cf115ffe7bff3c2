# attack: print without end
# expect: cpu_limit | timeout
# control: no, it never ends
while True:
    print("x" * 1000)
