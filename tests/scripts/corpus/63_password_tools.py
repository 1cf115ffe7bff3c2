import base64
import binascii
import hashlib
import hmac
import random
import secrets
import string
import struct
import uuid
import zlib

random.seed("固定种子")
print("".join(random.choice(string.ascii_letters + string.digits) for _ in range(12)), random.sample(range(100), 4))
print(hashlib.sha256("密码".encode()).hexdigest()[:20], hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 1000).hex()[:16])


def totp(secret, at, step=30):
    key = base64.b32decode(secret, casefold=True)
    digest = hmac.new(key, struct.pack(">Q", at // step), "sha1").digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7fffffff) % 10**6:06d}"


print(totp("JBSWY3DPEHPK3PXP", 1803859200))
print(uuid.uuid5(uuid.NAMESPACE_DNS, "example.com"), len(secrets.token_hex(8)), len(str(uuid.uuid4())))
print(base64.urlsafe_b64encode("你好?>".encode()).decode(), binascii.crc32(b"abc"), zlib.decompress(zlib.compress(b"x" * 99))[:3])
