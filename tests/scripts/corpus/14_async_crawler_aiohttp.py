import asyncio
import aiohttp

BASE = "http://site.example"
sem = asyncio.Semaphore(3)


async def fetch(session, path):
    async with sem:
        async with session.get(BASE + path) as resp:
            text = await resp.text()
            return path, resp.status, len(text)


async def main():
    paths = [f"/product/{i}" for i in (1001, 1002, 1003)] + ["/weather", "/trending", "/status/404", "/feed.xml"]
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": "spider/1.0"}) as session:
        results = await asyncio.gather(*(fetch(session, p) for p in paths))
    for path, status, size in results:
        print(f"{path:<16}{status:>5}{size:>7}")
    print("成功", sum(s == 200 for _, s, _ in results), "/", len(results))


if __name__ == '__main__':
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main())
    loop.close()
