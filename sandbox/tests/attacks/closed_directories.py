# attack: leave directories that nobody may enter for whoever cleans up
# expect: stopped
# control: no, there is nothing to compare with
import os

os.makedirs("a/b/c")
open("a/b/c/file", "w").close()
os.mkdir("closed", 0o000)
old = os.umask(0o777)
os.mkdir("masked")
os.makedirs("a/masked", exist_ok=True)
result = "stopped: the next script must find nothing of it"
