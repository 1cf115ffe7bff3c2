import asyncio

import httpx


async def rates(client: httpx.AsyncClient, city: str) -> str:
    r = await client.get("/weather", params={"city": city})
    data = r.json()
    if data["status"] != 1000:
        return f"{city}: 没有数据"
    today = data["data"]["today"]
    return f"{city}: {today['type']} {today['low']}~{today['high']}℃"


async def main() -> None:
    async with httpx.AsyncClient(base_url="http://site.example", timeout=10, follow_redirects=True) as client:
        tasks = [asyncio.create_task(rates(client, c)) for c in ("上海", "北京", "哈尔滨", "三亚")]
        for t in tasks:
            print(await t)
        r = await client.get("/s/first")
        print("跳转", len(r.history), "次，最后到", r.url.path)
        r = await client.post("/echo", json={"你好": "世界"}, headers={"X-Token": "t"})
        print(r.json()["json"], r.json()["x_token"], r.http_version)


asyncio.run(main())
