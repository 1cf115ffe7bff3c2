# 老网站是 gbk 编码
import re
import requests

r = requests.get('http://site.example/gbk')
print(r.encoding)
r.encoding = 'gbk'
title = re.search('<title>(.*?)</title>', r.text).group(1)
h1 = re.search('<h1>(.*?)</h1>', r.text).group(1)
print(title, h1)
with open('第一章.txt', 'w', encoding='gb18030') as f:
    f.write(h1 + '\n' + re.search('<p>(.*?)</p>', r.text).group(1))
raw = open('第一章.txt', 'rb').read()
print(len(raw), raw[:6].hex())
print(raw.decode('gbk'))
print(r.content.decode('utf-8', errors='ignore')[:20])
