import django.db.models.deletion
from django.db import migrations, models

import hubs.isolation
import hubs.scope
from billing.sql_arrangements import HOLD_ARRANGEMENTS, RELEASE_ARRANGEMENTS


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0019_more_seals"),
        ("hubs", "0008_leaves"),
        ("parties", "0008_trades_and_relations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrangement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("total", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="à régler")),
                ("reason", models.CharField(max_length=300, verbose_name="ce qui est convenu")),
                ("agreed_on", models.DateField(verbose_name="convenu le")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="arrêté le")),
                ("end_reason", models.CharField(blank=True, max_length=300, verbose_name="motif d’arrêt")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arrangements",
                        to="billing.account",
                        verbose_name="compte",
                    ),
                ),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="par",
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
                "verbose_name": "échéancier de compte",
            },
        ),
        migrations.CreateModel(
            name="ArrangedPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                ("due_on", models.DateField(verbose_name="à payer le")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="montant")),
                ("up_to", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="cumul")),
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
                    "arrangement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="billing.arrangement",
                        verbose_name="échéancier",
                    ),
                ),
            ],
            options={
                "verbose_name": "échéance d’un compte",
            },
        ),
        migrations.CreateModel(
            name="ArrangedInvoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="dû ce jour-là")),
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
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arrangements",
                        to="billing.invoice",
                        verbose_name="facture",
                    ),
                ),
                (
                    "arrangement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="billing.arrangement",
                        verbose_name="échéancier",
                    ),
                ),
            ],
            options={
                "verbose_name": "facture d’un échéancier",
            },
        ),
        migrations.AddConstraint(
            model_name="arrangement",
            constraint=hubs.isolation.RowIsolation(name="billing_arrangement_of_hub"),
        ),
        migrations.AddConstraint(
            model_name="arrangement",
            constraint=models.UniqueConstraint(fields=("hub", "id"), name="billing_arrangement_hub_id_key"),
        ),
        migrations.AddConstraint(
            model_name="arrangement",
            constraint=hubs.isolation.SameHub(field="account", name="billing_arrangement_account_same_hub"),
        ),
        migrations.AddConstraint(
            model_name="arrangement",
            constraint=hubs.isolation.SameHub(field="agreed_by", name="billing_arrangement_agreed_by_same_hub"),
        ),
        migrations.AddConstraint(
            model_name="arrangement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_on", None)),
                fields=("hub", "account"),
                name="billing_arrangement_one_current",
                violation_error_message="Ce compte a déjà un échéancier.",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangement",
            constraint=models.CheckConstraint(
                condition=models.Q(("total__gt", 0)),
                name="billing_arrangement_total",
                violation_error_message="Un échéancier porte sur une somme due.",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangement",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="billing_arrangement_says_why",
                violation_error_message="Dites ce qui est convenu.",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end_reason", ""), ("ended_on", None)),
                    models.Q(("ended_on__isnull", False), models.Q(("end_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="billing_arrangement_ended_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangedpart",
            constraint=hubs.isolation.RowIsolation(name="billing_arrangedpart_of_hub"),
        ),
        migrations.AddConstraint(
            model_name="arrangedpart",
            constraint=models.UniqueConstraint(fields=("hub", "id"), name="billing_arrangedpart_hub_id_key"),
        ),
        migrations.AddConstraint(
            model_name="arrangedpart",
            constraint=hubs.isolation.SameHub(field="arrangement", name="billing_arrangedpart_arrangement_same_hub"),
        ),
        migrations.AddConstraint(
            model_name="arrangedpart",
            constraint=models.UniqueConstraint(
                fields=("hub", "arrangement", "position"), name="billing_arrangedpart_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangedpart",
            constraint=models.UniqueConstraint(
                fields=("hub", "arrangement", "due_on"),
                name="billing_arrangedpart_day_once",
                violation_error_message="Deux échéances tombent le même jour.",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangedpart",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)),
                name="billing_arrangedpart_amount",
                violation_error_message="Chaque échéance est d’au moins un centime.",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangedinvoice",
            constraint=hubs.isolation.RowIsolation(name="billing_arrangedinvoice_of_hub"),
        ),
        migrations.AddConstraint(
            model_name="arrangedinvoice",
            constraint=models.UniqueConstraint(fields=("hub", "id"), name="billing_arrangedinvoice_hub_id_key"),
        ),
        migrations.AddConstraint(
            model_name="arrangedinvoice",
            constraint=hubs.isolation.SameHub(field="arrangement", name="billing_arrangedinvoice_arrangement_same_hub"),
        ),
        migrations.AddConstraint(
            model_name="arrangedinvoice",
            constraint=hubs.isolation.SameHub(field="invoice", name="billing_arrangedinvoice_invoice_same_hub"),
        ),
        migrations.AddConstraint(
            model_name="arrangedinvoice",
            constraint=models.UniqueConstraint(
                fields=("hub", "arrangement", "invoice"), name="billing_arrangedinvoice_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangedinvoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="billing_arrangedinvoice_amount"
            ),
        ),
        migrations.RunSQL(HOLD_ARRANGEMENTS, RELEASE_ARRANGEMENTS),
    ]
