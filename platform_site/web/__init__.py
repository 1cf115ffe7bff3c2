"""The web process: `python -m platform_site.web`, the same in `make up` and in the image.

waitress reads requests and writes answers in one thread without blocking; 16 others run Django with requests that
are complete. So a client that is slow costs a socket and a buffer, never a thread. What waitress lacks is added here:

channel     a connection: each phase of it has an end, however busily its bytes drip; a refusal is heard
parser      a body over the limit is Django's to refuse, once it knows who asks
server      looks at all each second, bounds connections and bytes of bodies (the slowest go first), ends gracefully
task        a line for each request, where WEB_ACCESS_LOG asks for it
process     limits of the process, its settings, its signals
"""
