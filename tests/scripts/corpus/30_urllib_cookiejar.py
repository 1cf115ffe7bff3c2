import http.cookiejar
import json
import urllib.parse
import urllib.request

jar = http.cookiejar.LWPCookieJar("cookies.txt")
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

data = urllib.parse.urlencode({"username": "wangwu", "password": "wangwu!"}).encode()
print(json.load(opener.open("http://site.example/login", data)))
print([c.name for c in jar], [c.has_nonstandard_attr("HttpOnly") for c in jar])
jar.save(ignore_discard=True)

again = http.cookiejar.LWPCookieJar()
again.load("cookies.txt", ignore_discard=True)
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(again))
page = opener.open("http://site.example/user").read().decode()
print("王五" in page)
req = urllib.request.Request("http://site.example/sign", method="POST")
print(json.load(opener.open(req))["msg"])
