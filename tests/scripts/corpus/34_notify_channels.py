# 通知模块：配置了哪个就发哪个
import json
import os
import threading
import requests

push_config = {
    'BARK_PUSH': '',
    'PUSH_PLUS_TOKEN': '',
    'TG_BOT_TOKEN': '',
    'CONSOLE': True,
}
for k in push_config:
    if os.getenv(k):
        push_config[k] = os.getenv(k)
_print = print
mutex = threading.Lock()


def print(text, *args, **kw):
    with mutex:
        _print(text, *args, **kw)


def bark(title, content):
    r = requests.get(f'http://site.example/push/bark/{push_config["BARK_PUSH"]}/{title}/{content}').json()
    print('bark 推送成功！' if r['code'] == 200 else f'bark 推送失败！{r}')


def pushplus_bot(title, content):
    body = json.dumps({'token': push_config['PUSH_PLUS_TOKEN'], 'title': title, 'content': content}).encode('utf-8')
    r = requests.post('http://site.example/push/plus', data=body, headers={'Content-Type': 'application/json'}).json()
    print('PUSHPLUS 推送成功！' if r['code'] == 200 else 'PUSHPLUS 推送失败！')


def console(title, content):
    print(f'{title}\n\n{content}')


def send(title, content):
    jobs = [f for key, f in (('CONSOLE', console), ('BARK_PUSH', bark), ('PUSH_PLUS_TOKEN', pushplus_bot)) if push_config[key]]
    for job in jobs:
        t = threading.Thread(target=job, args=(title, content), name=job.__name__)
        t.start()
        t.join()


send('测试标题', '这是正文')
