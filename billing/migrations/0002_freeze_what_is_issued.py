from django.db import migrations

from billing.sql import FREEZE, UNFREEZE


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_accounts_and_invoices")]

    operations = [migrations.RunSQL(FREEZE, UNFREEZE)]
