# Windows 上打印 emoji 会报错，先改编码
import io
import sys

if hasattr(sys.stdout, "reconfigure"):
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
print("🎉 编码", sys.stdout.encoding)
sys.stdout.write("没有换行")
sys.stdout.flush()
sys.stdout.write("，现在换行\n")
sys.stdout.buffer.write("直接写字节\n".encode())
sys.stdout.buffer.flush()
sys.stdout = io.TextIOWrapper(sys.stdout.detach(), encoding="utf-8", line_buffering=True)
print("换了一个 stdout")
buffer = io.StringIO()
old, sys.stdout = sys.stdout, buffer
print("被截获")
sys.stdout = old
print("截获到:", buffer.getvalue().strip(), file=sys.stderr)
print(sys.stdin.read() == "", sys.stdout.isatty())
