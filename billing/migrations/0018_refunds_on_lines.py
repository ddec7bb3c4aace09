import django.db.models.deletion
from django.db import migrations, models

import hubs.isolation
from billing.sql_given_back import MATCHES_OF_MONEY, MATCHES_OF_PAYMENTS


class Migration(migrations.Migration):
    # Its new keys are empty, its index and its check read a table of a few lines a day, and only the accounts office
    # writes there.
    risk = "some thousands of short rows in a hub, written by one or two people"

    dependencies = [
        ("billing", "0017_dues_in_several_dates"),
        ("hubs", "0008_leaves"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="match",
            name="billing_match_of_kind",
        ),
        migrations.AddField(
            model_name="match",
            name="move",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="matches",
                to="billing.depositmove",
                verbose_name="mouvement de dépôt",
            ),
        ),
        migrations.AddField(
            model_name="match",
            name="refund",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="matches",
                to="billing.refund",
                verbose_name="remboursement",
            ),
        ),
        migrations.AlterField(
            model_name="match",
            name="kind",
            field=models.CharField(
                choices=[
                    ("payment", "paiement"),
                    ("return", "rejet d’un paiement"),
                    ("fee", "frais retenus"),
                    ("other", "somme hors comptes"),
                    ("refund", "remboursement"),
                    ("deposit", "mouvement de dépôt"),
                ],
                default="payment",
                max_length=10,
                verbose_name="nature",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=hubs.isolation.SameHub(field="refund", name="billing_match_refund_same_hub"),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=hubs.isolation.SameHub(field="move", name="billing_match_move_same_hub"),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)),
                fields=("hub", "refund"),
                name="billing_match_refund_once",
                violation_error_message="Ce remboursement est déjà rapproché d’une autre ligne.",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)),
                fields=("hub", "move"),
                name="billing_match_move_once",
                violation_error_message="Ce mouvement de dépôt est déjà rapproché d’une autre ligne.",
            ),
        ),
        migrations.AddConstraint(
            model_name="match",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount__gt", 0),
                        ("kind", "payment"),
                        ("move", None),
                        ("payment__isnull", False),
                        ("refund", None),
                    ),
                    models.Q(
                        ("amount__lt", 0),
                        ("kind", "return"),
                        ("move", None),
                        ("payment__isnull", False),
                        ("refund", None),
                    ),
                    models.Q(("amount__lt", 0), ("kind", "fee"), ("move", None), ("payment", None), ("refund", None)),
                    models.Q(
                        ("kind", "other"),
                        ("move", None),
                        ("payment", None),
                        ("refund", None),
                        models.Q(("amount", 0), _negated=True),
                    ),
                    models.Q(
                        ("amount__lt", 0),
                        ("kind", "refund"),
                        ("move", None),
                        ("payment", None),
                        ("refund__isnull", False),
                    ),
                    models.Q(
                        ("kind", "deposit"),
                        ("move__isnull", False),
                        ("payment", None),
                        ("refund", None),
                        models.Q(("amount", 0), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="billing_match_of_kind",
            ),
        ),
        migrations.RunSQL(MATCHES_OF_MONEY, MATCHES_OF_PAYMENTS),
    ]
