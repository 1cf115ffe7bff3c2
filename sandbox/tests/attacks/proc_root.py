# attack: reach the host's files through /proc/self/root
# expect: stopped
# control: yes
try:
    with open("/proc/self/root/etc/passwd") as file:
        result = f"escaped: {file.readline()}"
except OSError as error:
    result = f"stopped: {error}"
