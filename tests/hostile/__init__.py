"""No input gives a 500: every address that there is, with what nobody sends by mistake, as everybody who may call.

values    what is sent
routes    every address, out of the URL resolver, with arguments that exist
requests  a request as a value: the tests make them, the sender sends them
forms     a page's form as a browser would send it back
bodies    the API's bodies, out of its own schema
sending   sends, undoes, judges: the status, what was logged, what a refused request has left behind

Each test takes one of its many requests in so many that it ends within seconds; which ones is always the same. All of
them, in an hour: HOSTILE=all.
"""
