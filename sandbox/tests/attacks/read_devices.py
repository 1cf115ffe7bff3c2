# attack: open devices that an ordinary script has no use for
# expect: stopped
# control: no, needs root
opened = []
for path in (
    "/dev/mem",
    "/dev/kmsg",
    "/dev/sda",
    "/dev/vda",
    "/dev/fuse",
    "/dev/kvm",
    "/dev/tty",
    "/dev/ptmx",
):
    try:
        open(path).close()
        opened.append(path)
    except OSError:
        continue
result = f"escaped: {opened}" if opened else "stopped"
