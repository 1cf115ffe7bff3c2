"""The columns of a script task."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DepsStatus(models.TextChoices):
    NONE = "", _("none")
    LOCKING = "locking", _("being locked")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


class ScriptColumns(models.Model):
    # The Python source. "" for none.
    script_content = models.TextField(_("script"), blank=True, default="")
    # Requirements, one on each line, beside those of a PEP 723 block in the script.
    script_deps = models.TextField(
        _("dependencies"), blank=True, default="", help_text=_("One per line, for example pandas>=2,<3")
    )
    # Whether this version's dependencies are locked, by lifecycle/dependency_locks.py. "": it needs none.
    deps_status = models.CharField(
        _("dependencies' state"), max_length=7, choices=DepsStatus.choices, default="", editable=False
    )
    # The script's memory limit in MiB; NULL: 512. SCRIPT_MAX_MEMORY_MB limits both.
    memory_mb = models.PositiveIntegerField(_("memory in MiB"), null=True, blank=True)
    # The script's limit of CPU time in seconds; NULL: 60. SCRIPT_MAX_CPU_SECONDS limits both.
    cpu_seconds = models.PositiveIntegerField(_("CPU seconds"), null=True, blank=True)

    class Meta:
        abstract = True
