import asyncio
import random

random.seed(7)


async def producer(queue, n):
    for i in range(n):
        await asyncio.sleep(random.random() / 500)
        await queue.put(i)
    for _ in range(3):
        await queue.put(None)


async def consumer(name, queue, results):
    while (item := await queue.get()) is not None:
        results.append(item * item)
        queue.task_done()
    return name


async def blocking(loop):
    return await loop.run_in_executor(None, sum, range(1000))


async def main():
    queue, results = asyncio.Queue(maxsize=5), []
    async with asyncio.TaskGroup() as tg:
        tg.create_task(producer(queue, 20))
        workers = [tg.create_task(consumer(f"w{i}", queue, results)) for i in range(3)]
    print([w.result() for w in workers], sorted(results)[-3:], len(results))
    print(await blocking(asyncio.get_running_loop()), await asyncio.to_thread(str.upper, "done"))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    except TimeoutError:
        print("超时")


asyncio.run(main())
