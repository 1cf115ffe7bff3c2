# attack: print one endless line
# expect: stopped
# control: no, there is nothing to compare with
for _ in range(3000):
    print("x" * 1000, end="")
result = "stopped: the driver looks at what arrived"
