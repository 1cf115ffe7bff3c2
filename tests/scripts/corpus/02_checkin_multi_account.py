#!/usr/bin/env python3
# coding=utf-8
# 多账号签到，环境变量 SITE_ACCOUNTS，一行一个，格式 手机号#密码
import os
import random
import re
import time

import requests

SITE = 'http://site.example'
msgs = []


class Account:
    def __init__(self, index, user, pwd):
        self.index = index
        self.user = user
        self.pwd = pwd
        self.s = requests.session()

    def log(self, text):
        line = f'【账号{self.index}】{text}'
        print(line)
        msgs.append(line)

    def run(self):
        try:
            r = self.s.post(SITE + '/login', data={'username': self.user, 'password': self.pwd}).json()
            if r.get('code') != 0:
                self.log('登录失败 ' + r.get('msg', ''))
                return
            r = self.s.post(SITE + '/sign').json()
            self.log(r['msg'])
            html = self.s.get(SITE + '/user').text
            nick = re.findall(r"class='nick'>(.*?)</span>", html)[0]
            points = re.search(r'积分：<b>(\d+)</b>', html).group(1)
            self.log(f'{nick} 当前积分 {points}')
        except Exception as e:
            self.log(f'出错了 {e}')


def main():
    ck = os.environ.get('SITE_ACCOUNTS')
    if not ck:
        print('未填写 SITE_ACCOUNTS 变量')
        exit()
    accounts = [c for c in ck.split('\n') if c.strip() and not c.startswith('#')]
    print(f'共找到 {len(accounts)} 个账号')
    for i, acc in enumerate(accounts, 1):
        user, pwd = acc.split('#', 1)
        Account(i, user, pwd).run()
        time.sleep(random.uniform(0.01, 0.05))
    print('\n'.join(['', '汇总：'] + msgs))


main()
