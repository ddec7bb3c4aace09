import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import hubs.isolation
import hubs.scope
import members.models.renewal
from members.sql_renewals import HOLD_RENEWALS, RELEASE_RENEWALS


class Migration(migrations.Migration):
    dependencies = [
        ("hubs", "0007_mail_being_sent"),
        ("members", "0008_departures"),
        ("parties", "0004_own_fields_and_erasure"),
    ]

    operations = [
        migrations.CreateModel(
            name="DatesRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("parts", models.PositiveSmallIntegerField(verbose_name="en combien de fois")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="pourquoi")),
                ("asked_at", models.DateTimeField(verbose_name="demandé le")),
                ("is_granted", models.BooleanField(blank=True, null=True, verbose_name="accordé")),
                ("answer", models.CharField(blank=True, max_length=300, verbose_name="réponse")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="répondu le")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="répondu par",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="demandé par",
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dates_requests",
                        to="members.duescall",
                        verbose_name="cotisation",
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
            ],
            options={
                "verbose_name": "demande de paiement en plusieurs fois",
                "constraints": [
                    hubs.isolation.RowIsolation(name="members_datesrequest_of_hub"),
                    models.UniqueConstraint(fields=("hub", "id"), name="members_datesrequest_hub_id_key"),
                    hubs.isolation.SameHub(field="call", name="members_datesrequest_call_same_hub"),
                    hubs.isolation.SameHub(field="asked_by", name="members_datesrequest_asked_by_same_hub"),
                    hubs.isolation.SameHub(field="answered_by", name="members_datesrequest_answered_by_same_hub"),
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None)),
                        fields=("hub", "call"),
                        name="members_datesrequest_one_waiting",
                        violation_error_message="Une demande attend déjà une réponse.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parts__range", (2, 12))),
                        name="members_datesrequest_parts",
                        violation_error_message="De 2 à 12 fois.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""), ("answered_at", None), ("answered_by", None), ("is_granted", None)
                            ),
                            models.Q(("answered_at__gte", models.F("asked_at")), ("is_granted", True)),
                            models.Q(
                                ("answered_at__gte", models.F("asked_at")),
                                ("is_granted", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="members_datesrequest_answered",
                        violation_error_message="Dites pourquoi c’est refusé.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RenewalPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_on", models.BooleanField(default=False, verbose_name="envoyer les rappels chaque matin")),
                (
                    "days_before",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=members.models.renewal.usual_days_before,
                        size=None,
                        verbose_name="jours avant",
                    ),
                ),
                (
                    "days_after",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=members.models.renewal.usual_days_after,
                        size=None,
                        verbose_name="jours après",
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
            ],
            options={
                "verbose_name": "réglage des rappels de renouvellement",
                "constraints": [
                    hubs.isolation.RowIsolation(name="members_renewalpolicy_of_hub"),
                    models.UniqueConstraint(fields=("hub", "id"), name="members_renewalpolicy_hub_id_key"),
                    models.UniqueConstraint(fields=("hub",), name="members_renewalpolicy_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RenewalReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", models.SmallIntegerField(verbose_name="jours après la fin")),
                ("ended_on", models.DateField(verbose_name="fin de l’adhésion (exclue)")),
                ("sent_on", models.DateField(verbose_name="envoyé le")),
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
                    "mail",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hubs.mail",
                        verbose_name="courriel",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewal_reminders",
                        to="members.membership",
                        verbose_name="adhésion",
                    ),
                ),
            ],
            options={
                "verbose_name": "rappel de renouvellement",
                "indexes": [models.Index(fields=["hub", "-sent_on"], name="members_renewalreminder_log")],
                "constraints": [
                    hubs.isolation.RowIsolation(name="members_renewalreminder_of_hub"),
                    models.UniqueConstraint(fields=("hub", "id"), name="members_renewalreminder_hub_id_key"),
                    hubs.isolation.SameHub(field="membership", name="members_renewalreminder_membership_same_hub"),
                    hubs.isolation.SameHub(field="mail", name="members_renewalreminder_mail_same_hub"),
                    models.UniqueConstraint(fields=("hub", "membership", "days"), name="members_renewalreminder_once"),
                ],
            },
        ),
        migrations.RunSQL(HOLD_RENEWALS, RELEASE_RENEWALS),
    ]
