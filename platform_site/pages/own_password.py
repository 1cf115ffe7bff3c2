"""The admin's page for one's own password: Django's, but the change goes through `tenants.users`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse_lazy
from unfold.forms import AdminOwnPasswordChangeForm

from tenants import users
from tenants.admin.access import actor
from tenants.admin.token_choice import revoke_tokens_field


class OwnPasswordForm(AdminOwnPasswordChangeForm):  # type: ignore[misc]  # unfold has no types
    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        if field := revoke_tokens_field(user):
            self.fields["revoke_tokens"] = field


class OwnPassword(PasswordChangeView):
    form_class = OwnPasswordForm
    success_url = reverse_lazy("admin:password_change_done")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return admin.site.each_context(self.request) | super().get_context_data(**kwargs)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Change the password by `tenants.users`; Django's method would save all of the user's columns by itself."""
        users.change(
            form.user,
            {},
            form.cleaned_data["new_password1"],
            actor(self.request),
            revoke_tokens=form.cleaned_data.get("revoke_tokens", False),
        )
        update_session_auth_hash(self.request, form.user)  # a new password would log its user out
        return HttpResponseRedirect(self.get_success_url())


own_password = admin.site.admin_view(OwnPassword.as_view(), cacheable=True)
