import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import hubs.isolation
import hubs.scope


class Migration(migrations.Migration):
    dependencies = [
        ("hubs", "0007_mail_being_sent"),
    ]

    operations = [
        migrations.CreateModel(
            name="HubClosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="du")),
                ("ends_on", models.DateField(verbose_name="au (exclu)")),
                ("reason", models.CharField(max_length=120, verbose_name="motif")),
                (
                    "hub",
                    models.ForeignKey(
                        db_index=False,
                        default=hubs.scope.current_hub_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hubs.hub",
                        verbose_name="pôle",
                    ),
                ),
            ],
            options={
                "verbose_name": "fermeture du pôle",
                "constraints": [
                    hubs.isolation.RowIsolation(name="hubs_hubclosure_of_hub"),
                    models.UniqueConstraint(fields=("hub", "id"), name="hubs_hubclosure_hub_id_key"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="hubs_hubclosure_period",
                        violation_error_message="La fermeture finit après avoir commencé.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("hub", "="),
                            (
                                models.Func(
                                    models.F("starts_on"), models.F("ends_on"), models.Value("[)"), function="daterange"
                                ),
                                "&&",
                            ),
                        ],
                        name="hubs_hubclosure_no_overlap",
                        violation_error_message="Le pôle est déjà fermé à ces dates.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="du")),
                ("ends_on", models.DateField(verbose_name="au (exclu)")),
                ("who", models.CharField(max_length=200, verbose_name="qui s’absente")),
                ("colleague_name", models.CharField(blank=True, max_length=200, verbose_name="relais")),
                (
                    "colleague",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte du relais",
                    ),
                ),
                (
                    "hub",
                    models.ForeignKey(
                        db_index=False,
                        default=hubs.scope.current_hub_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hubs.hub",
                        verbose_name="pôle",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "absence",
                "constraints": [
                    hubs.isolation.RowIsolation(name="hubs_leave_of_hub"),
                    models.UniqueConstraint(fields=("hub", "id"), name="hubs_leave_hub_id_key"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="hubs_leave_period",
                        violation_error_message="L’absence finit après avoir commencé.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("colleague", None),
                            models.Q(("colleague", models.F("user")), _negated=True),
                            _connector="OR",
                        ),
                        name="hubs_leave_other",
                        violation_error_message="Choisissez quelqu’un d’autre comme relais.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("hub", "="),
                            ("user", "="),
                            (
                                models.Func(
                                    models.F("starts_on"), models.F("ends_on"), models.Value("[)"), function="daterange"
                                ),
                                "&&",
                            ),
                        ],
                        name="hubs_leave_no_overlap",
                        violation_error_message="Cette personne a déjà une absence à ces dates.",
                    ),
                ],
            },
        ),
    ]
