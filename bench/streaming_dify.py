"""A Dify whose runs stream one node per second until they are stopped or the measure ends them."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
NODE_SECONDS = 1.0


class StreamingDify:
    """Use it in a with block. `open` counts the streams; a node's title is the Unix time at which it was sent."""

    def __enter__(self) -> StreamingDify:
        self.open = 0
        self.ended: dict[str, asyncio.Event] = {}
        ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self.thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.closing.set)
        self.thread.join()

    def end_all(self) -> None:
        for ended in list(self.ended.values()):
            self.loop.call_soon_threadsafe(ended.set)

    async def _serve(self, ready: threading.Event) -> None:
        self.loop, self.closing = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0, backlog=1024)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await self.closing.wait()
        server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ")[1]
            if path.endswith("/workflows/run"):
                await self._stream(writer)
            elif path.endswith("/stop"):
                self.ended[path.split("/")[-2]].set()
                await _json(writer, {"result": "success"})
            else:
                await _json(writer, {"user_input_form": []})
        except ConnectionError:
            pass  # a canceled run hangs up
        finally:
            writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        run_id = str(uuid.uuid4())
        ended = self.ended[run_id] = asyncio.Event()
        self.open += 1
        try:
            writer.write(HEAD)
            await _event(writer, run_id, "workflow_started", {"id": run_id})
            while not await _within(ended, NODE_SECONDS):
                node = {"id": str(uuid.uuid4()), "node_id": "n", "title": str(time.time())}
                await _event(writer, run_id, "node_started", node)
            outputs = {"text": "done"}
            await _event(
                writer, run_id, "workflow_finished", {"id": run_id, "status": "succeeded", "outputs": outputs}
            )
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        finally:
            self.open -= 1


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def _event(writer: asyncio.StreamWriter, run_id: str, event: str, data: dict[str, Any]) -> None:
    body = {"event": event, "workflow_run_id": run_id, "task_id": run_id, "data": data}
    frame = b"data: " + json.dumps(body).encode() + b"\n\n"
    writer.write(b"%x\r\n%s\r\n" % (len(frame), frame))
    await writer.drain()


async def _json(writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    writer.write(head.encode() + content)
    await writer.drain()
