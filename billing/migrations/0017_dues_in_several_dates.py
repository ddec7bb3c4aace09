from django.db import migrations

from billing.sql_dues import SCHEDULES_OF_DUES, SCHEDULES_OF_INVOICES


class Migration(migrations.Migration):
    dependencies = [("billing", "0016_mandates_opened")]

    operations = [migrations.RunSQL(SCHEDULES_OF_DUES, SCHEDULES_OF_INVOICES)]
