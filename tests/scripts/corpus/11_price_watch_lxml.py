import requests
from lxml import etree
from bs4 import BeautifulSoup
import json, os, time

HISTORY = 'price_history.json'

def load():
    if os.path.exists(HISTORY):
        with open(HISTORY, encoding='utf8') as f:
            return json.load(f)
    return {}

def save(d):
    with open(HISTORY, 'w', encoding='utf8') as f:
        json.dump(d, f, ensure_ascii=False, indent=2)

def price_of(pid):
    tree = etree.HTML(requests.get(f'http://site.example/product/{pid}').text)
    return tree.xpath('//h1/text()')[0].strip(), float(tree.xpath('//p[@class="price"]/em/text()')[0])

history = load()
print('历史记录', len(history), '条')
for pid in ('1001', '1002'):
    name, price = price_of(pid)
    history.setdefault(pid, []).append({'name': name, 'price': price, 'time': int(time.time()) // 10**9})
    print(name, price)
save(history)
print(open(HISTORY, encoding='utf8').read())
print(BeautifulSoup(requests.get('http://site.example/product/1003').text, 'lxml').title.string)
