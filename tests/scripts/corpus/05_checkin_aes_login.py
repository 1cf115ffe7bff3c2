# 手机号登录，密码 AES-CBC 加密后 base64
import base64
import requests
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad, unpad

KEY = b"0123456789abcdef"
IV = KEY


def encrypt(text):
    cipher = AES.new(KEY, AES.MODE_CBC, IV)
    return base64.b64encode(cipher.encrypt(pad(text.encode(), AES.block_size))).decode()


def decrypt(text):
    cipher = AES.new(KEY, AES.MODE_CBC, IV)
    return unpad(cipher.decrypt(base64.b64decode(text)), AES.block_size).decode()


mobile, password = "13800001234", "zs-123456"
enc = encrypt(password)
print("密文:", enc)
assert decrypt(enc) == password

r = requests.post("http://site.example/app/login", json={"mobile": mobile, "password": enc})
data = r.json()
if data["success"]:
    print(mobile[:3] + "****" + mobile[-4:], "登录成功, token =", data["token"])
else:
    print("登录失败:", data["message"])
r = requests.post("http://site.example/app/login", json={"mobile": mobile, "password": encrypt("错的")})
print(r.json())
