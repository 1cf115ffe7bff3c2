import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry
import urllib3

urllib3.disable_warnings()


def make_session():
    s = requests.Session()
    retries = Retry(total=4, backoff_factor=0.01, status_forcelist=[500, 502, 503], allowed_methods=["GET"])
    s.mount("http://", HTTPAdapter(max_retries=retries, pool_connections=5, pool_maxsize=5))
    s.mount("https://", HTTPAdapter(max_retries=retries))
    return s


s = make_session()
r = s.get("http://site.example/api/flaky", verify=False)
print(r.status_code, r.json())
print("重试了", len(r.raw.retries.history), "次")
try:
    s.get("http://site.example/status/503")
except requests.exceptions.RetryError as e:
    print("还是不行:", type(e).__name__)
