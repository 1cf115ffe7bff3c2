import time
import requests


class Client:
    """接口客户端，token 过期自动刷新"""

    def __init__(self, base, app_id, app_secret):
        self.base, self.app_id, self.app_secret = base, app_id, app_secret
        self._token = None
        self._expires_at = 0
        self.refreshed = 0

    @property
    def token(self):
        if self._token is None or time.time() > self._expires_at - 60:
            r = requests.post(self.base + "/api/token", json={"app_id": self.app_id, "app_secret": self.app_secret})
            r.raise_for_status()
            body = r.json()
            self._token, self._expires_at = body["access_token"], time.time() + body["expires_in"]
            self.refreshed += 1
        return self._token

    def get(self, path, **params):
        for _ in range(2):
            r = requests.get(self.base + path, params=params, headers={"Authorization": "Bearer " + self.token})
            if r.status_code == 401:
                print("token 过期，刷新")
                self._token = None
                continue
            return r.json()
        raise RuntimeError("鉴权失败")


client = Client("http://site.example", "app-1", get_secret("APP_SECRET"))
for page in range(1, 6):
    data = client.get("/api/private/orders", page=page)
    print(page, [row["id"] for row in data["items"]][:3])
print("刷新次数", client.refreshed)
try:
    Client("http://site.example", "app-1", "x").token
except requests.HTTPError as e:
    print(e.response.status_code, e.response.json())
