"""The API at /api/users, for superusers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import StringConstraints

from common.rest.answers import answers
from common.rest.fields import Fields
from common.rest.paging import PageOf, PageQuery, page_of
from common.rest.problems import ConflictError, FieldError, NotFoundError, UnprocessableError
from tenants import users
from tenants.api.auth import caller
from tenants.api.scope import require_superuser

router = Router(tags=["Users"])
Password = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class UserNew(Fields):
    model_config = {
        "json_schema_extra": {
            "examples": [{"username": "zhang", "password": "a long one, please", "is_superuser": False}]
        }
    }

    username: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.@+-]{1,150}$")]
    password: Password
    is_superuser: bool = False


class UserChange(Fields):
    password: Password | None = None
    is_superuser: bool = False
    is_active: bool = True
    revoke_tokens: bool = False
    """true also revokes all API tokens of the user, which is advisable if somebody else knew the password."""


class UserFilters(PageQuery):
    ordering: Literal["username", "-username"] = "username"


class UserShown(Schema):
    username: str
    is_superuser: bool
    is_active: bool
    last_login: datetime | None
    date_joined: datetime


@router.get("", response=answers({200: PageOf[UserShown]}, 403, 422), summary="List users")
def list_users(request: HttpRequest, query: Query[UserFilters]) -> Any:
    require_superuser(caller(request))
    return page_of(User.objects.filter(username__icontains=query.search).order_by(query.ordering), query)


@router.post("", response=answers({201: UserShown}, 403, 422), summary="Create a user")
def create_user(request: HttpRequest, body: UserNew) -> Any:
    """Memberships decide what the user may do, see POST /api/tenants/{code}/members."""
    actor = caller(request)
    require_superuser(actor)
    new = User(username=body.username, is_superuser=body.is_superuser, is_staff=True)
    try:
        user = users.create(new, body.password, actor)
    except ValidationError as error:
        raise _as_unprocessable(error) from error
    return Status(201, user)


def _as_unprocessable(error: ValidationError) -> UnprocessableError:
    """Return the error as the API shows it. The password's validators name no field, so theirs is "password"."""
    messages_by_field = error.message_dict if hasattr(error, "error_dict") else {"password": error.messages}
    return UnprocessableError(
        FieldError(field, message) for field, messages in messages_by_field.items() for message in messages
    )


def _user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFoundError
    return user


@router.get("/{username}", response=answers({200: UserShown}, 403, 404), summary="Read a user")
def get_user(request: HttpRequest, username: str) -> Any:
    require_superuser(caller(request))
    return _user(username)


@router.put("/{username}", response=answers({200: UserShown}, 403, 404, 409, 422), summary="Change a user")
def update_user(request: HttpRequest, username: str, body: UserChange) -> Any:
    """The status is 409 if superusers would take away their own rights."""
    actor = caller(request)
    require_superuser(actor)
    values = body.model_dump(include=body.model_fields_set - {"password", "revoke_tokens"})
    try:
        return users.change(_user(username), values, body.password, actor, revoke_tokens=body.revoke_tokens)
    except ValidationError as error:
        raise _as_unprocessable(error) from error
    except users.SelfRemovalError as error:
        raise ConflictError(_("You can't take away your own rights."), code="yourself") from error


@router.delete("/{username}", response=answers({204: None}, 403, 404, 409), summary="Delete a user")
def delete_user(request: HttpRequest, username: str) -> Any:
    """All tokens and memberships of the user are deleted as well. The status is 409 for yourself."""
    actor = caller(request)
    require_superuser(actor)
    try:
        users.delete(_user(username), actor)
    except users.SelfRemovalError as error:
        raise ConflictError(_("You can't delete your own account."), code="yourself") from error
    return Status(204, None)
