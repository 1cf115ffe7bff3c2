import asyncio
import aiohttp

ACCOUNTS = [("zhangsan", "zs-123456"), ("lisi", "ls#2027"), ("wangwu", "bad")]


async def one(index, user, pwd):
    jar = aiohttp.CookieJar(unsafe=True)  # 允许 IP 地址的 cookie
    async with aiohttp.ClientSession("http://site.example", cookie_jar=jar) as s:
        async with s.post("/login", data={"username": user, "password": pwd}) as r:
            res = await r.json()
        if res["code"]:
            return f"账号{index}: {res['msg']}"
        async with s.post("/sign", json={}) as r:
            res = await r.json(content_type=None)
        return f"账号{index}: {res['msg']} +{res['data']['points']}"


async def main():
    tasks = [one(i, *a) for i, a in enumerate(ACCOUNTS, 1)]
    for line in await asyncio.gather(*tasks, return_exceptions=True):
        print(line)
    try:
        await asyncio.wait_for(asyncio.sleep(30), timeout=0.05)
    except asyncio.TimeoutError:
        print("等待超时，不等了")


asyncio.run(main())
