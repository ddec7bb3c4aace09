from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hubs", "0006_languages")]

    operations = [
        migrations.RemoveIndex(model_name="mail", name="hubs_mail_due"),
        migrations.AlterField(
            model_name="mail",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "en attente"),
                    ("sending", "envoi en cours"),
                    ("sent", "envoyé"),
                    ("failed", "en échec"),
                    ("dropped", "laissé là"),
                ],
                default="queued",
                max_length=10,
                verbose_name="état",
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sending"])),
                fields=["hub", "next_try_at"],
                name="hubs_mail_to_send",
            ),
        ),
    ]
