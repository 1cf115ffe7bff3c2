import base64
from io import BytesIO

import requests
from PIL import Image, ImageDraw

raw = requests.get("http://site.example/logo.png").content
img = Image.open(BytesIO(raw))
print(img.format, img.size, img.mode, img.getpixel((3, 3)))
small = img.resize((20, 12)).convert("L")
ImageDraw.Draw(small).line((0, 0, 19, 11), fill=255)
small.save("thumb.png")
with open("thumb.png", "rb") as f:
    b64 = base64.b64encode(f.read()).decode()
print("data:image/png;base64," + b64[:16] + "...", Image.open("thumb.png").size)
