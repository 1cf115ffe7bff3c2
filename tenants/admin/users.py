"""The admin's page of users, for superusers. Groups and model permissions are not shown: membership decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget

from tenants import users
from tenants.access import Actor
from tenants.admin.access import actor
from tenants.admin.base import ScopedAdmin
from tenants.admin.labels import moment
from tenants.admin.pages import choice_filter
from tenants.admin.token_choice import revoke_tokens_field
from tenants.admin.write_only import WriteOnlyForm
from tenants.models import Role

NEW = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
YES_OR_NO: list[tuple[str, Any]] = [("True", _("Yes")), ("False", _("No"))]

admin.site.unregister(User)
admin.site.unregister(Group)


class UserForm(WriteOnlyForm):
    """Has fields for the password that are no columns: Django would store what is entered there as it is."""

    new_password = forms.CharField(
        label=_("Password"), strip=False, widget=NEW, help_text=password_validators_help_text_html
    )
    again = forms.CharField(label=_("Password again"), strip=False, widget=NEW)
    revoke_tokens = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["new_password"].required = self.fields["again"].required = False
            self.fields["new_password"].help_text = str(_("Leave empty to keep it as it is."))
        if self.instance.pk and (field := revoke_tokens_field(self.instance)):
            self.fields["revoke_tokens"] = field
        else:
            del self.fields["revoke_tokens"]

    def _post_clean(self) -> None:
        """Validate the password here, after the instance is filled in: it must not resemble the user's name."""
        super()._post_clean()  # type: ignore[misc]  # private; Django's own forms of users do it here, too
        password, again = self.cleaned_data.get("new_password", ""), self.cleaned_data.get("again", "")
        if password != again:
            self.add_error("again", _("The two passwords differ."))
        elif password:
            try:
                validate_password(password, self.instance)
            except ValidationError as error:
                self.add_error("new_password", error)


@admin.register(User)
class UserAdmin(ScopedAdmin):
    form = UserForm
    list_display = ("username", "email", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = (
        choice_filter("is_active", _("active"), YES_OR_NO),
        choice_filter("is_superuser", _("superuser status"), YES_OR_NO),
    )
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    fieldsets = (
        (None, {"fields": ("username", ("new_password", "again"), "email", ("first_name", "last_name"))}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": (("logged_in", "joined"),)}),
    )

    @admin.display(description=_("last login"))
    def logged_in(self, row: User) -> str:
        return moment(row.last_login)

    @admin.display(description=_("date joined"))
    def joined(self, row: User) -> str:
        return moment(row.date_joined)

    def seen(self, rows: QuerySet[Any], who: Actor) -> QuerySet[Any]:
        return rows if who.everything else rows.none()

    def may(self, request: HttpRequest, role: Role, row: Any) -> bool:
        return actor(request).everything

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may delete users; nobody may delete themselves."""
        return super().has_delete_permission(request, obj) and not _is_oneself(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Make the dates read-only, and one's own rights: nobody may take those away from themselves."""
        return ["logged_in", "joined", *(users.RIGHTS_COLUMNS if _is_oneself(request, obj) else ())]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets[:-1]
        if revoke_tokens_field(obj) is None:
            return fieldsets
        return [*fieldsets[:1], (_("API tokens"), {"fields": ("revoke_tokens",)}), *fieldsets[1:]]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_staff": True, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        password = form.cleaned_data["new_password"]
        if not change:
            users.create(obj, password, actor(request))
            return
        values = {name: getattr(obj, name) for name in form.changed_data if name in users.LOGGED_COLUMNS}
        users.change(
            stored := User.objects.get(pk=obj.pk),
            values,
            password or None,
            actor(request),
            revoke_tokens=form.cleaned_data.get("revoke_tokens", False),
        )
        if _is_oneself(request, stored):
            update_session_auth_hash(request, stored)  # a new password would log its user out

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        users.delete(obj, actor(request))


def _is_oneself(request: HttpRequest, user: User | None) -> bool:
    return user is not None and user.pk == request.user.pk
