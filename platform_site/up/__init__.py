"""`manage.py up`: Redis, web, beat, three workers and Flower as one process tree in the foreground.

    supervisor (Django, no threads but one per service for its lines)
      └─ guard (a few lines of Python; ends with the supervisor, takes everything below with it)
           └─ redis-server | web | celery … with whatever they fork

services        what runs: a list           guard       keeps a service and all its descendants together
process         one of them, running        lock        one `up` per data dir
tree            all of them                 ports       whether an address is free
embedded_redis  the server that we bring    readiness   whether everything answers
first_start     login, tenant and token     welcome     the box at the end of the start
run             the order of events
"""
