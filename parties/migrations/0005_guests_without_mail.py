from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hubs", "0007_mail_being_sent"),
        ("parties", "0004_own_fields_and_erasure"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="invitation",
            name="parties_invitation_once",
        ),
        migrations.AlterField(
            model_name="invitation",
            name="email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="adresse électronique"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("accepted_at", None), ("withdrawn_at", None), models.Q(("email", ""), _negated=True)
                ),
                fields=("hub", "email", "organisation", "staff_role"),
                name="parties_invitation_once",
                nulls_distinct=False,
                violation_error_message="Cette adresse a déjà une invitation sans réponse.",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("email", ""), _negated=True), ("role", "guest"), _connector="OR"),
                name="parties_invitation_mail_unless_guest",
            ),
        ),
    ]
