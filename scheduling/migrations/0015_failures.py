import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0014_success_condition"),
        ("tenants", "0004_database_defaults"),
    ]

    operations = [
        migrations.CreateModel(
            name="FailureGroup",
            fields=[
                (
                    "fingerprint",
                    models.CharField(
                        max_length=32, primary_key=True, serialize=False, verbose_name="fingerprint"
                    ),
                ),
                ("error_code", models.CharField(max_length=30, verbose_name="error code")),
                ("place", models.CharField(max_length=200, verbose_name="place of the fault")),
                ("error", models.TextField(verbose_name="error")),
                ("run_count", models.PositiveIntegerField(default=1, verbose_name="runs")),
                ("days", models.JSONField(default=dict)),
                ("first_at", models.DateTimeField(verbose_name="first")),
                ("last_at", models.DateTimeField(verbose_name="last")),
                ("last_run_id", models.BigIntegerField(verbose_name="latest run")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("resolved", "resolved"), ("muted", "muted")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                ("muted_until", models.DateTimeField(blank=True, null=True, verbose_name="muted until")),
                ("decided_by", models.CharField(blank=True, default="", max_length=150, verbose_name="by")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="reason")),
                ("rerun_to", models.BigIntegerField(default=0)),
                (
                    "task",
                    models.ForeignKey(
                        db_constraint=False,
                        help_text="No constraint: its check would lock the task's row.",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="failures",
                        to="scheduling.scheduledtask",
                        verbose_name="task",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_column="tenant_id",
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="tenants.tenant",
                        to_field="code",
                        verbose_name="tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "failure",
                "verbose_name_plural": "failures",
                "db_table": "platform_failures",
                "ordering": ["-last_at", "fingerprint"],
                "indexes": [
                    models.Index(fields=["last_at"], name="failures_by_time"),
                    models.Index(fields=["state", "last_at"], name="failures_by_state"),
                    models.Index(fields=["state", "opened_at"], name="failures_by_opening"),
                    models.Index(fields=["tenant", "last_at"], name="failures_of_tenant"),
                ],
            },
        ),
    ]
