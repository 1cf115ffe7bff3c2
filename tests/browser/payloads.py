"""What a stranger might write to have his script run in somebody else's page. Each would call `hit`."""

from __future__ import annotations

PAYLOADS = (
    "<script>hit()</script>",
    "</script><script>hit()</script>",
    "</textarea><img src=x onerror=hit()>",
    '"><img src=x onerror=hit()>',
    "'><svg onload=hit()>",
    "<svg><script>hit()</script></svg>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s>",
    "<math><mtext></table><mglyph><style><img src=x onerror=hit()>",
    "<iframe srcdoc='<script>parent.hit()</script>'>",
    "<iframe src=javascript:parent.hit()>",
    "<body onload=hit()>",
    "<details open ontoggle=hit()>x</details>",
    "<input autofocus onfocus=hit()>",
    "<video><source onerror=hit()></video>",
    "<style>@keyframes x{}</style><b style=animation-name:x onanimationstart=hit()>",
    "<template><img src=x onerror=hit()></template>",
    "<slot onslotchange=hit()>x</slot>",
    "<div x-data x-init=hit()>",
    '" x-data x-init="hit()',
    "' x-data x-init='hit()",
    "<b x-data @mouseover.window=hit() x-effect=hit()>x</b>",
    "<b x-data x-html=\"'<img src=x onerror=hit()>'\">x</b>",
    '<b x-data="{[hit()]: 1}" :class="hit()" x-text=\'hit()\'>x</b>',
    "<template x-data x-if=hit()><b>x</b></template>",
    "'+hit()+'",
    "');hit();('",
    "`${hit()}`",
    "\\';hit();//",
    "{{ hit() }}${hit()}<%= hit() %>#{hit()}",
    "{% debug %}{{ settings.SECRET_KEY }}",
    "--><script>hit()</script><!--",
    "]]><script>hit()</script>",
    "&lt;script&gt;hit()&lt;/script&gt;&#60;script&#62;hit()&#60;/script&#62;",
    "\u2028hit()\u2029",
    "＜script＞hit()＜/script＞\ufeff<scr\u0000ipt>hit()</scr\u0000ipt>",
    "[x](javascript:hit())",
    "[x](data:text/html,<script>hit()</script>)",
    "[x](https://e.com/%22onmouseover=hit())",
    '[x](https://e.com "\\" x-data x-init=hit() ")',
    "![a[b](https://e.com/x/onerror=hit()/x-init=hit()/)](https://e.com/y)",
    "![a](https://e.com/[b](https://e.com/x-init=hit()//x-data))",
    "[![a[b](https://e.com/1)](https://e.com/x-init=hit())](https://e.com/3)",
    "![`](https://e.com/`[b](https://e.com/`x-init=hit()`))",
    "<javascript:hit()> <https://e.com/x-init=hit()>",
    '<font color="info" onclick="hit()" x-data x-init=hit()>x</font>',
    "<at id=x onclick=hit()></at><@x x-init=hit()>",
    "```\n</pre><script>hit()</script>\n```",
    "| <b x-data x-init=hit()> | b |\n|---|---|\n| <script>hit()</script> | ![a](javascript:hit()) |",
    "javascript:hit()",
    "data:text/html,<script>hit()</script>",
    '{"a": "</script><script>hit()</script>", "__proto__": {"x": "hit()"}}',
)
EVERYTHING = "\n\n".join(PAYLOADS)
MESSAGES: tuple[dict[str, object], ...] = (
    {"content": EVERYTHING},
    {"msg_type": "text", "title": PAYLOADS[3], "content": EVERYTHING},
    {
        "msg_type": "actionCard",
        "title": PAYLOADS[18],
        "content": EVERYTHING,
        "buttons": [{"title": text, "url": f"https://e.com/{text}"} for text in PAYLOADS[:8]],
    },
    {
        "msg_type": "feedCard",
        "links": [
            {"title": text, "url": "https://e.com/'\">", "pic_url": 'https://e.com/"onerror=hit()'}
            for text in PAYLOADS
        ],
    },
    {
        "msg_type": "link",
        "title": PAYLOADS[3],
        "content": EVERYTHING,
        "url": 'https://e.com/"x-init=hit()',
        "pic_url": "https://e.com/'",
    },
    {
        "msg_type": "news",
        "articles": [
            {"title": text, "description": text, "url": "https://e.com", "picurl": 'https://e.com/">'}
            for text in PAYLOADS
        ],
    },
    {
        "msg_type": "template_card",
        "card_type": "text_notice",
        "title": PAYLOADS[17],
        "content": EVERYTHING,
        "horizontal_list": [{"keyname": text, "value": text} for text in PAYLOADS[:6]],
        "jump_list": [{"type": 1, "title": text, "url": 'https://e.com/"'} for text in PAYLOADS[:3]],
    },
    {"msg_type": "file", "file_name": PAYLOADS[3], "file_base64": "aGVsbG8gd29ybGQ="},
    {"msg_type": "image", "image_url": 'https://e.com/"onerror=hit()'},
)
