import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import hubs.isolation
import hubs.models.base
import hubs.scope
from members.sql_checklists import HOLD_CHECKLISTS, RELEASE_CHECKLISTS


class Migration(migrations.Migration):
    dependencies = [
        ("hubs", "0007_mail_being_sent"),
        ("members", "0009_calls"),
        ("parties", "0004_own_fields_and_erasure"),
    ]

    operations = [
        migrations.CreateModel(
            name="Charter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("text", models.TextField(verbose_name="texte de la charte")),
                ("written_at", models.DateTimeField(verbose_name="écrite le")),
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
                "verbose_name": "charte",
                "constraints": [
                    hubs.isolation.RowIsolation(name="members_charter_of_hub"),
                    models.UniqueConstraint(fields=("hub", "id"), name="members_charter_hub_id_key"),
                    models.UniqueConstraint(fields=("hub", "number"), name="members_charter_once"),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="members_charter_has_text",
                        violation_error_message="Une charte a un texte.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Checklist",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=hubs.models.base.public_id, editable=False, max_length=12)),
                (
                    "way",
                    models.CharField(
                        choices=[("arrival", "arrivée"), ("departure", "départ")], max_length=10, verbose_name="sens"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour de l’arrivée ou du départ")),
                ("begun_at", models.DateTimeField(verbose_name="commencée le")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="finie le")),
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
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checklists",
                        to="parties.organisation",
                        verbose_name="structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "liste d’une structure",
            },
        ),
        migrations.CreateModel(
            name="ChecklistStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField(verbose_name="rang")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("plain", "une étape à cocher"),
                            ("charter", "la charte à accepter"),
                            ("insurance", "une assurance, avec sa date de fin"),
                        ],
                        default="plain",
                        max_length=10,
                        verbose_name="nature",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("staff", "l’équipe"), ("member", "la structure")],
                        default="staff",
                        max_length=10,
                        verbose_name="qui la fait",
                    ),
                ),
                ("arrival", models.CharField(blank=True, max_length=120, verbose_name="à l’arrivée")),
                ("departure", models.CharField(blank=True, max_length=120, verbose_name="au départ")),
                (
                    "days",
                    models.SmallIntegerField(
                        default=0,
                        validators=[
                            django.core.validators.MinValueValidator(-365),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="jours après l’arrivée",
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
                "verbose_name": "étape de la liste",
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("plain", "une étape à cocher"),
                            ("charter", "la charte à accepter"),
                            ("insurance", "une assurance, avec sa date de fin"),
                        ],
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("due_on", models.DateField(verbose_name="pour le")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="faite le")),
                ("done_by", models.CharField(blank=True, max_length=200, verbose_name="faite par")),
                ("is_waived", models.BooleanField(default=False, verbose_name="sans objet")),
                ("insured_until", models.DateField(blank=True, null=True, verbose_name="assurée jusqu’au")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="acceptée par",
                    ),
                ),
                (
                    "charter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.charter",
                        verbose_name="charte acceptée",
                    ),
                ),
                (
                    "checklist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="members.checklist",
                        verbose_name="liste d’une structure",
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
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="qui s’en occupe",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.checkliststep",
                        verbose_name="étape",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’une structure",
                "constraints": [
                    hubs.isolation.RowIsolation(name="members_checklistitem_of_hub"),
                    models.UniqueConstraint(fields=("hub", "id"), name="members_checklistitem_hub_id_key"),
                    hubs.isolation.SameHub(field="checklist", name="members_checklistitem_checklist_same_hub"),
                    hubs.isolation.SameHub(field="step", name="members_checklistitem_step_same_hub"),
                    hubs.isolation.SameHub(field="owner", name="members_checklistitem_owner_same_hub"),
                    hubs.isolation.SameHub(field="charter", name="members_checklistitem_charter_same_hub"),
                    hubs.isolation.SameHub(field="accepted_by", name="members_checklistitem_accepted_by_same_hub"),
                    models.UniqueConstraint(fields=("hub", "checklist", "step"), name="members_checklistitem_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accepted_by", None),
                                ("charter", None),
                                ("done_by", ""),
                                ("done_on", None),
                                ("insured_until", None),
                                ("is_waived", False),
                            ),
                            models.Q(("done_on__isnull", False), models.Q(("done_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="members_checklistitem_done_by_someone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accepted_by", None),
                                ("charter", None),
                                models.Q(
                                    models.Q(("kind", "charter"), _negated=True),
                                    ("done_on", None),
                                    ("is_waived", True),
                                    _connector="OR",
                                ),
                            ),
                            models.Q(
                                ("accepted_by__isnull", False),
                                ("charter__isnull", False),
                                ("is_waived", False),
                                ("kind", "charter"),
                            ),
                            _connector="OR",
                        ),
                        name="members_checklistitem_charter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("insured_until", None),
                                models.Q(
                                    models.Q(("kind", "insurance"), _negated=True),
                                    ("done_on", None),
                                    ("is_waived", True),
                                    _connector="OR",
                                ),
                            ),
                            models.Q(
                                ("insured_until__gt", models.F("done_on")), ("is_waived", False), ("kind", "insurance")
                            ),
                            _connector="OR",
                        ),
                        name="members_checklistitem_insured",
                        violation_error_message="L’assurance finit après le jour où elle est notée.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChecklistTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("written_at", models.DateTimeField(verbose_name="écrite le")),
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
                "verbose_name": "liste d’arrivée",
                "constraints": [
                    hubs.isolation.RowIsolation(name="members_checklisttemplate_of_hub"),
                    models.UniqueConstraint(fields=("hub", "id"), name="members_checklisttemplate_hub_id_key"),
                    models.UniqueConstraint(fields=("hub", "number"), name="members_checklisttemplate_once"),
                ],
            },
        ),
        migrations.AddField(
            model_name="checkliststep",
            name="template",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="members.checklisttemplate",
                verbose_name="liste",
            ),
        ),
        migrations.AddField(
            model_name="checklist",
            name="template",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lists",
                to="members.checklisttemplate",
                verbose_name="liste",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkliststep",
            constraint=hubs.isolation.RowIsolation(name="members_checkliststep_of_hub"),
        ),
        migrations.AddConstraint(
            model_name="checkliststep",
            constraint=models.UniqueConstraint(fields=("hub", "id"), name="members_checkliststep_hub_id_key"),
        ),
        migrations.AddConstraint(
            model_name="checkliststep",
            constraint=hubs.isolation.SameHub(field="template", name="members_checkliststep_template_same_hub"),
        ),
        migrations.AddConstraint(
            model_name="checkliststep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "charter")),
                fields=("hub", "template"),
                name="members_checkliststep_one_charter",
                violation_error_message="La charte est déjà dans la liste.",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkliststep",
            constraint=models.CheckConstraint(
                condition=models.Q(("arrival", ""), ("departure", ""), _negated=True),
                name="members_checkliststep_is_said",
                violation_error_message="Dites l’étape à l’arrivée, au départ, ou aux deux.",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkliststep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "plain"),
                    models.Q(models.Q(("arrival", ""), _negated=True), ("departure", "")),
                    _connector="OR",
                ),
                name="members_checkliststep_arrives",
                violation_error_message="La charte et l’assurance se demandent à l’arrivée.",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkliststep",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "charter"), _negated=True), ("side", "member"), _connector="OR"),
                name="members_checkliststep_charter_by_member",
                violation_error_message="La structure accepte la charte elle-même.",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkliststep",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__range", (-365, 365))), name="members_checkliststep_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklist",
            constraint=hubs.isolation.RowIsolation(name="members_checklist_of_hub"),
        ),
        migrations.AddConstraint(
            model_name="checklist",
            constraint=models.UniqueConstraint(fields=("hub", "id"), name="members_checklist_hub_id_key"),
        ),
        migrations.AddConstraint(
            model_name="checklist",
            constraint=hubs.isolation.SameHub(field="template", name="members_checklist_template_same_hub"),
        ),
        migrations.AddConstraint(
            model_name="checklist",
            constraint=hubs.isolation.SameHub(field="organisation", name="members_checklist_organisation_same_hub"),
        ),
        migrations.AddConstraint(
            model_name="checklist",
            constraint=models.UniqueConstraint(fields=("hub", "public_id"), name="members_checklist_public_id"),
        ),
        migrations.AddConstraint(
            model_name="checklist",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_on", None)),
                fields=("hub", "organisation", "way"),
                name="members_checklist_once",
                violation_error_message="Cette structure a déjà une liste en cours.",
            ),
        ),
        migrations.RunSQL(HOLD_CHECKLISTS, RELEASE_CHECKLISTS),
    ]
