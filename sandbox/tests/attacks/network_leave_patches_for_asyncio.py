# attack: import asyncio, and have its own connections
# expect: stopped
# control: yes
import asyncio
import socket


async def reach():
    loop = asyncio.get_running_loop()
    with socket.socket() as own:
        own.setblocking(False)
        await loop.sock_connect(own, ("127.0.0.1", get_param("tcp_port")))


try:
    asyncio.run(reach())
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
