"""The web process: `python -m platform_site.web`, the same in `make up` and in the image.

waitress reads requests and writes answers in one thread without blocking; 16 others run Django with requests that
are complete. So a client that is slow costs a socket and a buffer, never a thread. What waitress lacks is added here:

channel     a connection: each phase of it has an end, however busily its bytes drip; a refusal is heard
parser      a body over the limit is Django's to refuse, once it knows who asks
room        how many connections and how many bytes of bodies there may be; the slowest go first
server      looks at them each second, ends gracefully
task        a line for each request, where WEB_ACCESS_LOG asks for it
"""
