import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import hubs.isolation
import hubs.scope


class Migration(migrations.Migration):
    dependencies = [
        ("hubs", "0003_roles_with_dates"),
    ]

    operations = [
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=300, verbose_name="texte")),
                (
                    "kind",
                    models.CharField(
                        choices=[("information", "information"), ("warning", "attention")],
                        default="information",
                        max_length=12,
                        verbose_name="ton",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("everyone", "tout le monde, sur toutes les pages"),
                            ("members", "les membres, dans Mon espace"),
                            ("staff", "l’équipe, dans la gestion"),
                        ],
                        default="everyone",
                        max_length=10,
                        verbose_name="pour",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="à partir du")),
                ("ends_on", models.DateField(verbose_name="jusqu’au (exclu)")),
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
                "verbose_name": "annonce",
            },
        ),
        migrations.CreateModel(
            name="TodoClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, verbose_name="ligne")),
                ("who", models.CharField(max_length=200, verbose_name="qui s’en occupe")),
                ("since", models.DateTimeField(verbose_name="depuis le")),
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
                "verbose_name": "tâche prise",
            },
        ),
        migrations.AddField(
            model_name="auditentry",
            name="concerns",
            field=models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="concerne"),
        ),
        migrations.AddField(
            model_name="hub",
            name="announcing_until",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="des annonces jusqu’au (exclu)"),
        ),
        migrations.AddField(
            model_name="mail",
            name="failure",
            field=models.CharField(
                blank=True,
                choices=[
                    ("refused", "l’adresse est refusée par le serveur de la personne"),
                    ("away", "le serveur de courriel ne répond pas"),
                    ("denied", "le serveur de courriel refuse l’identifiant du portail"),
                    ("unreadable", "le message ne peut pas être composé"),
                    ("no_file", "une pièce jointe manque"),
                    ("other", "le serveur de courriel a refusé le message"),
                ],
                db_default="",
                default="",
                max_length=12,
                verbose_name="raison",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="is_secret",
            field=models.BooleanField(db_default=False, default=False, verbose_name="ouvre le portail"),
        ),
        migrations.AddField(
            model_name="run",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="annulé le"),
        ),
        migrations.AddField(
            model_name="run",
            name="cancelled_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="annulé par"),
        ),
        migrations.AddField(
            model_name="runitem",
            name="failure",
            field=models.CharField(
                blank=True,
                choices=[("refused", "refusé"), ("unexpected", "erreur imprévue")],
                db_default="",
                default="",
                max_length=12,
                verbose_name="raison",
            ),
        ),
        migrations.AlterField(
            model_name="mail",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "en attente"),
                    ("sent", "envoyé"),
                    ("failed", "en échec"),
                    ("dropped", "laissé là"),
                ],
                default="queued",
                max_length=10,
                verbose_name="état",
            ),
        ),
        migrations.AlterField(
            model_name="runitem",
            name="state",
            field=models.CharField(
                choices=[("todo", "à faire"), ("done", "fait"), ("failed", "en échec"), ("cancelled", "annulé")],
                default="todo",
                max_length=10,
                verbose_name="état",
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=django.contrib.postgres.indexes.BTreeIndex(fields=["hub", "at", "id"], name="hubs_audit_order"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=django.contrib.postgres.indexes.BTreeIndex(fields=["hub", "user_id", "at"], name="hubs_audit_user"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=django.contrib.postgres.indexes.BTreeIndex(
                condition=models.Q(("concerns", ""), _negated=True),
                fields=["hub", "concerns", "at"],
                name="hubs_audit_concerns",
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(condition=models.Q(("state", "failed")), fields=["hub", "id"], name="hubs_mail_failed"),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("about", ""), _negated=True), fields=["hub", "about", "id"], name="hubs_mail_about"
            ),
        ),
        migrations.AddIndex(
            model_name="runitem",
            index=models.Index(
                condition=models.Q(("state", "failed")), fields=["hub", "run"], name="hubs_runitem_failed"
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at", None), ("cancelled_by", "")),
                    models.Q(("cancelled_at__isnull", False), models.Q(("cancelled_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="hubs_run_cancelled_by_someone",
            ),
        ),
        migrations.AddIndex(
            model_name="announcement",
            index=models.Index(fields=["hub", "ends_on"], name="hubs_announcement_end"),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=hubs.isolation.RowIsolation(name="hubs_announcement_of_hub"),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.UniqueConstraint(fields=("hub", "id"), name="hubs_announcement_hub_id_key"),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="hubs_announcement_period",
                violation_error_message="L’annonce finit après avoir commencé.",
            ),
        ),
        migrations.AddConstraint(
            model_name="todoclaim",
            constraint=hubs.isolation.RowIsolation(name="hubs_todoclaim_of_hub"),
        ),
        migrations.AddConstraint(
            model_name="todoclaim",
            constraint=models.UniqueConstraint(fields=("hub", "id"), name="hubs_todoclaim_hub_id_key"),
        ),
        migrations.AddConstraint(
            model_name="todoclaim",
            constraint=models.UniqueConstraint(fields=("hub", "key"), name="hubs_todoclaim_once"),
        ),
    ]
