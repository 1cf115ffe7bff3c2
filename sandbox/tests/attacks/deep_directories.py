# attack: leave a tree of 3,000 levels for whoever cleans up
# expect: stopped | disk_limit
# control: no, it is hard to remove
import os

for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
with open("leaf", "w") as file:
    file.write("x")
result = "stopped: the next script must find nothing of it"
