"""`manage.py up`: Redis, web, beat, three workers and Flower as one process tree in the foreground.

    supervisor (no Django, no threads but one per service for its lines)
      └─ guard (a few lines of Python; ends with the supervisor, takes everything below with it)
           └─ redis-server | web | celery … with whatever they fork

`prepare` does with Django what comes first, and makes a plan; `supervisor` takes its process over and runs the plan.

with Django:    prepare         checks, migrations and the plan       lock        one `up` per data dir
                first_start     login, tenant and token               ports       whether an address is free
                embedded_redis  the server that we bring              welcome     the box at the end of the start
without:        supervisor      the order of events                   plan        what it is told
                tree            all running services                  services    what runs: a list
                process         one of them, running                  readiness   whether everything answers
                guard           keeps a service and all its descendants together
"""
