# attack: raise its own limits, and change the worker's
# expect: stopped
# control: no, it would change the worker
import resource

changed = []
for pid in (0, get_param("worker")):
    try:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (32, 32))
        changed.append(pid)
    except OSError:
        continue
try:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    changed.append("own")
except (OSError, ValueError):
    pass
result = f"escaped: {changed}" if changed else "stopped"
