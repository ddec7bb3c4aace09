from django.db import migrations, models

from billing.sql_seals import FEWER_SEALS, MORE_SEALS, SEAL_WHAT_IS_THERE


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0018_refunds_on_lines"),
    ]

    operations = [
        migrations.AlterField(
            model_name="seal",
            name="what",
            field=models.CharField(
                choices=[
                    ("invoice", "facture émise"),
                    ("payment", "paiement reçu"),
                    ("cancellation", "paiement annulé"),
                    ("refund", "remboursement noté"),
                    ("refund_off", "remboursement annulé"),
                    ("deposit", "mouvement de dépôt noté"),
                    ("deposit_off", "mouvement de dépôt annulé"),
                ],
                max_length=12,
                verbose_name="quoi",
            ),
        ),
        migrations.RunSQL(MORE_SEALS, FEWER_SEALS),
        migrations.RunSQL(SEAL_WHAT_IS_THERE, migrations.RunSQL.noop),
    ]
