# 用 jinja2 拼 HTML 邮件（不发送，只检查）
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser
from jinja2 import Template

tpl = Template("""<h2>{{ title }}</h2>
<table>{% for r in rows %}
<tr class="{{ loop.cycle('odd', 'even') }}"><td>{{ r.name|e }}</td><td>{{ '%.2f'|format(r.amount) }}</td></tr>{% endfor %}
</table>{# 结束 #}
<p>共 {{ rows|length }} 行，合计 {{ rows|sum(attribute='amount') }}</p>""")
html = tpl.render(title="销售日报", rows=[{"name": "A & B", "amount": 12.5}, {"name": "云上<书屋>", "amount": 30}])
print(html)

msg = MIMEMultipart("alternative")
msg["Subject"] = Header("销售日报", "utf-8")
msg["From"], msg["To"] = "bot@example.com", "boss@example.com"
msg.attach(MIMEText(html, "html", "utf-8"))
parsed = BytesParser(policy=policy.default).parsebytes(msg.as_bytes())
print(parsed["subject"], [p.get_content_type() for p in parsed.walk()])
plain = EmailMessage()
plain.set_content("纯文本\n")
print(plain.get_content().strip(), plain["Content-Transfer-Encoding"])
