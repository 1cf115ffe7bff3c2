# 多账号从密钥里读，一行一个，# 开头的不要
accounts = []
for line in get_secret("ACCOUNTS").splitlines():
    line = line.strip()
    if not line or line.startswith("#"):
        continue
    user, _, password = line.partition("#")
    accounts.append((user, password))

print(f"读到 {len(accounts)} 个账号")
for i, (user, password) in enumerate(accounts, start=1):
    hidden = user[0] + "*" * (len(user) - 1)
    print(f"账号 {i}: {hidden} 密码长度 {len(password)}")
print("城市", get_param("city"), "条数", get_param("limit", 10), "没有的", get_param("nothing", "默认"))
notify(f"共 {len(accounts)} 个账号")
result = {"title": "账号检查", "content": f"{len(accounts)} 个有效", "count": len(accounts)}
