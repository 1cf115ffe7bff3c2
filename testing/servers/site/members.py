"""What a site offers its members: login in several fashions, a page of their own and the daily check-in."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import unquote

from testing.servers.site.message import Reply, Request, in_json, page
from testing.servers.site.state import Answer, State

PASSWORDS = {"zhangsan": "zs-123456", "lisi": "ls#2027", "wangwu": "wangwu!"}
NICKNAMES = {"zhangsan": "张三", "lisi": "李四", "wangwu": "王五"}
SALT = "9f3c-salt"
AES_KEY = b"0123456789abcdef"  # and, as on many sites, the initial vector as well
ROBOT_SECRET = "SEC-robot-secret"
_NOT_LOGGED_IN = in_json({"code": 401, "msg": "请先登录"})


def _login(state: State, request: Request) -> Reply:
    form = request.form()
    user = form.get("username", "")
    if PASSWORDS.get(user, "-") != form.get("password"):
        return in_json({"code": 1, "msg": "用户名或密码错误"})
    return in_json(
        {"code": 0, "data": {"nickname": NICKNAMES[user]}},
        Set_Cookie=f"session={_session(user)}; Path=/; HttpOnly",
    )


def _session(user: str) -> str:
    return hashlib.sha1(user.encode(), usedforsecurity=False).hexdigest()[:16]


def _member(request: Request) -> str | None:
    given = request.cookies.get("session", "")
    return next((user for user in PASSWORDS if _session(user) == given), None)


def _own_page(state: State, request: Request) -> Reply:
    user = _member(request)
    if user is None:
        return page("<html><title>登录</title><form action='/login'></form></html>")
    points = 100 * len(user) + (5 if user in state.signed_in else 0)
    return page(
        f"<html><title>个人中心</title><span class='nick'>{NICKNAMES[user]}</span> 积分：<b>{points}</b></html>"
    )


def _check_in(state: State, request: Request) -> Reply:
    user = _member(request)
    if user is None:
        return _NOT_LOGGED_IN
    if user in state.signed_in:
        return in_json({"code": 1001, "msg": "今天已经签到过了"})
    state.signed_in.add(user)
    return in_json({"code": 0, "msg": "签到成功", "data": {"points": 5, "days": len(user)}})


def _signed_check_in(state: State, request: Request) -> Reply:
    """Answer an app's call, whose parameters are signed with a salt."""
    given = dict(request.query)
    sign = given.pop("sign", "")
    text = "&".join(f"{name}={given[name]}" for name in sorted(given)) + SALT
    if sign != hashlib.md5(text.encode(), usedforsecurity=False).hexdigest():
        return in_json({"ret": -1, "msg": "签名错误"}, 403)
    return in_json({"ret": 0, "uid": given["uid"], "coins": 20, "streak": 3})


def _encrypted_login(state: State, request: Request) -> Reply:
    """Answer a login whose password is encrypted; the stand-in knows what comes out for zhangsan's."""
    given = request.json()
    if given.get("password") != "oWpT+6O9FjfAgbDfFrQFpw==":
        return in_json({"success": False, "message": "密码解密失败"})
    return in_json({"success": True, "token": f"tk-{given['mobile'][-4:]}"})


def _robot(state: State, request: Request) -> Reply:
    """Answer as DingTalk's robot does, which wants a signature in the address."""
    text = f"{request.query.get('timestamp')}\n{ROBOT_SECRET}"
    wanted = base64.b64encode(hmac.digest(ROBOT_SECRET.encode(), text.encode(), "sha256")).decode()
    if unquote(request.query.get("sign", "")) != wanted:
        return in_json({"errcode": 310000, "errmsg": "sign not match"})
    state.messages.append(request.json()["markdown"]["title"])
    return in_json({"errcode": 0, "errmsg": "ok"})


def _push(state: State, request: Request) -> Reply:
    state.messages.append(request.path)
    return in_json({"code": 200, "msg": "请求成功", "count": len(state.messages)})


ROUTES: dict[str, Answer] = {
    "/login": _login,
    "/user": _own_page,
    "/sign": _check_in,
    "/app/checkin": _signed_check_in,
    "/app/login": _encrypted_login,
    "/robot/send": _robot,
    "/push/": _push,
}
