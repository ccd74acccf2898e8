import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("incidents", "0001_initial"),
        ("incidents", "__first__"),
        ("notifications", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Playbook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=60, unique=True, verbose_name="key")),
                (
                    "kind",
                    models.CharField(
                        choices=[("incident_type", "Incident type"), ("relationship_type", "Relationship type")],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.JSONField(verbose_name="name")),
            ],
            options={
                "verbose_name": "playbook",
                "verbose_name_plural": "playbooks",
            },
        ),
        migrations.CreateModel(
            name="PlaybookVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("content", models.JSONField(verbose_name="content")),
                ("sha256", models.CharField(max_length=64, verbose_name="digest")),
                ("source", models.CharField(max_length=200, verbose_name="came from")),
                (
                    "duration_divisor",
                    models.PositiveIntegerField(
                        default=1,
                        help_text="More than 1 only in demonstrations and exercises.",
                        verbose_name="durations divided by",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="made")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "playbook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="workflows.playbook",
                        verbose_name="playbook",
                    ),
                ),
            ],
            options={
                "verbose_name": "playbook version",
                "verbose_name_plural": "playbook versions",
                "constraints": [
                    models.UniqueConstraint(fields=("playbook", "number"), name="one_playbook_version_per_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="CommunicationPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("approved", "Approved"), ("superseded", "Superseded")],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("content", models.JSONField(verbose_name="frozen playbook")),
                ("objective", models.TextField(blank=True, verbose_name="objective")),
                ("key_messages", models.TextField(blank=True, help_text="One a line.", verbose_name="key messages")),
                (
                    "grants_standing_approval",
                    models.BooleanField(
                        default=False,
                        help_text="Updates rendered only from the approved template and the confirmed fact sheet go out by themselves.",
                        verbose_name="approves progress updates beforehand",
                    ),
                ),
                (
                    "allows_no_change_update",
                    models.BooleanField(
                        default=True,
                        verbose_name="without a standing approval, the “no change” text goes out rather than silence",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="drafted")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                ("change_reason", models.TextField(blank=True, verbose_name="why it changed")),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drafted by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "playbook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.playbookversion",
                        verbose_name="playbook",
                    ),
                ),
                (
                    "relationship_playbook",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workflows.playbookversion",
                        verbose_name="relationship playbook",
                    ),
                ),
            ],
            options={
                "verbose_name": "communication plan",
                "verbose_name_plural": "communication plans",
                "permissions": [("approve_plan", "Can approve a communication plan")],
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "version"), name="one_plan_per_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "superseded"), _negated=True),
                        fields=("incident",),
                        name="one_current_plan_per_incident",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("created_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="plan_approved_by_another_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QAEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=60, verbose_name="key")),
                ("question", models.JSONField(default=dict, verbose_name="question")),
                ("answer", models.JSONField(default=dict, verbose_name="answer")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("approved", "Approved"), ("superseded", "Superseded")],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="qa_entries",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "Q&A entry",
                "verbose_name_plural": "Q&A bank",
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "key"), name="one_answer_per_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("author")), _negated=True),
                            _connector="OR",
                        ),
                        name="answer_approved_by_another_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("metrics", models.JSONField(blank=True, default=dict, verbose_name="metrics")),
                ("computed_at", models.DateTimeField(blank=True, null=True, verbose_name="computed")),
                ("summary", models.TextField(blank=True, verbose_name="summary")),
                ("strengths", models.TextField(blank=True, help_text="One a line.", verbose_name="what went well")),
                ("lessons", models.TextField(blank=True, help_text="One a line.", verbose_name="lessons")),
                ("held_at", models.DateTimeField(blank=True, null=True, verbose_name="review held")),
                ("has_front_line", models.BooleanField(default=False, verbose_name="front-line staff took part")),
                ("created_at", models.DateTimeField(verbose_name="begun")),
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "participants",
                    models.ManyToManyField(
                        blank=True, related_name="reviews", to=settings.AUTH_USER_MODEL, verbose_name="participants"
                    ),
                ),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
            },
        ),
        migrations.CreateModel(
            name="Improvement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="improvement")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due")),
                ("test", models.TextField(blank=True, verbose_name="how it will be verified")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                ("has_passed", models.BooleanField(default=False, verbose_name="verified")),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="improvements",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="improvements",
                        to="workflows.review",
                        verbose_name="review",
                    ),
                ),
            ],
            options={
                "verbose_name": "improvement",
                "verbose_name_plural": "improvements",
            },
        ),
        migrations.CreateModel(
            name="StaffBrief",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("content", models.JSONField(verbose_name="content")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("approved", "Approved"), ("superseded", "Superseded")],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
                ("created_at", models.DateTimeField(verbose_name="written")),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
                (
                    "fact_sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.factsheet",
                        verbose_name="fact sheet",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="briefs",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "staff brief",
                "verbose_name_plural": "staff briefs",
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "version"), name="one_brief_per_version"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("author")), _negated=True),
                            _connector="OR",
                        ),
                        name="brief_approved_by_another_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BriefAcknowledgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True, verbose_name="acknowledged")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="brief_acknowledgements",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "brief",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="acknowledgements",
                        to="workflows.staffbrief",
                        verbose_name="brief",
                    ),
                ),
            ],
            options={
                "verbose_name": "acknowledgement of a brief",
                "verbose_name_plural": "acknowledgements of briefs",
                "constraints": [
                    models.UniqueConstraint(fields=("brief", "user"), name="one_acknowledgement_per_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="StandingApproval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_kind", models.CharField(max_length=24, verbose_name="kind")),
                ("template_sha256", models.CharField(max_length=64, verbose_name="template's digest")),
                ("granted_at", models.DateTimeField(verbose_name="granted")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
                (
                    "granted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="granted by",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standing_approvals",
                        to="workflows.communicationplan",
                        verbose_name="plan",
                    ),
                ),
            ],
            options={
                "verbose_name": "standing approval",
                "verbose_name_plural": "standing approvals",
            },
        ),
        migrations.CreateModel(
            name="UpdateSlot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tier",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Tier 1 (high)"), (2, "Tier 2 (medium)"), (3, "Tier 3 (general)")],
                        verbose_name="tier",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("promised_at", models.DateTimeField(verbose_name="promised")),
                ("opens_at", models.DateTimeField(verbose_name="work begins")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("promised", "Promised"),
                            ("open", "Being prepared"),
                            ("released", "Released"),
                            ("missed", "Missed"),
                            ("withdrawn", "Withdrawn by a later message"),
                        ],
                        default="promised",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("promised_to", models.PositiveIntegerField(default=0, verbose_name="promised to (customers)")),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="opened")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="notifications.message",
                        verbose_name="message",
                    ),
                ),
                (
                    "promised_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promised_slots",
                        to="notifications.message",
                        verbose_name="promised in",
                    ),
                ),
            ],
            options={
                "verbose_name": "promised update",
                "verbose_name_plural": "promised updates",
                "indexes": [
                    models.Index(condition=models.Q(("state", "promised")), fields=["opens_at"], name="slots_waiting"),
                    models.Index(condition=models.Q(("state", "open")), fields=["promised_at"], name="slots_open"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "tier", "number"), name="one_slot_per_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, unique=True, verbose_name="key")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("approval_late", "An approval is late"),
                            ("update_at_risk", "A promised update will miss its time"),
                            ("update_missed", "A promised update missed its time"),
                            ("first_notice_late", "The first contact is late"),
                            ("commitment_late", "A commitment is overdue"),
                            ("question_late", "A question waits too long"),
                            ("delivery_stuck", "Deliveries need people"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.TextField(verbose_name="what is late")),
                ("raised_at", models.DateTimeField(verbose_name="raised")),
                ("rounds", models.PositiveSmallIntegerField(default=0, verbose_name="times woken")),
                ("next_round_at", models.DateTimeField(verbose_name="next wake-up")),
                ("taken_at", models.DateTimeField(blank=True, null=True, verbose_name="taken")),
                ("over_at", models.DateTimeField(blank=True, null=True, verbose_name="over")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken by",
                    ),
                ),
                (
                    "watchers",
                    models.ManyToManyField(
                        related_name="alerts", to=settings.AUTH_USER_MODEL, verbose_name="woken first"
                    ),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "indexes": [
                    models.Index(
                        condition=models.Q(("over_at", None), ("taken_at", None)),
                        fields=["next_round_at"],
                        name="alerts_untaken",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutreachTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("plan", "Planned first contact"),
                            ("failed_delivery", "A delivery failed"),
                            ("request", "Asked for"),
                        ],
                        max_length=16,
                        verbose_name="origin",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("in_person", "In-person visit"),
                            ("phone", "Telephone call"),
                            ("video", "Video call"),
                            ("email_personal", "Personal e-mail"),
                            ("email_bulk", "Bulk e-mail"),
                            ("sms", "SMS"),
                            ("messenger", "Messenger"),
                            ("in_app", "In-app notice"),
                            ("website_notice", "Website notice"),
                            ("status_page", "Status page"),
                            ("dark_site", "Dark site"),
                            ("social_post", "Social media post"),
                            ("official_statement", "Official statement"),
                            ("press_release", "Press release"),
                            ("press_conference", "Press conference"),
                            ("hotline", "Hotline"),
                            ("online_chat", "Online chat"),
                            ("letter", "Letter"),
                        ],
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="due")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("to_do", "To do"),
                            ("claimed", "Somebody is on it"),
                            ("done", "Reached"),
                            ("unreachable", "Unreachable, with a reason"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="to_do",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("preparation", models.JSONField(blank=True, default=dict, verbose_name="preparation sheet")),
                ("is_prepared", models.BooleanField(default=False, verbose_name="prepared")),
                ("outcome", models.TextField(blank=True, verbose_name="outcome")),
                ("concern", models.TextField(blank=True, verbose_name="customer's concern")),
                ("agreed_points", models.TextField(blank=True, verbose_name="points agreed")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outreach",
                        to="incidents.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "failed_delivery",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outreach",
                        to="notifications.delivery",
                        verbose_name="failed delivery",
                    ),
                ),
                (
                    "finished_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="finished by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outreach",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outreach",
                        to="notifications.message",
                        verbose_name="message",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outreach",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "personal contact",
                "verbose_name_plural": "call desk",
                "indexes": [
                    models.Index(fields=["incident", "state", "due_at"], name="workflows_o_inciden_20e564_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("origin", "plan")),
                        fields=("message", "customer"),
                        name="one_planned_contact_per_message",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("failed_delivery", None), _negated=True),
                        fields=("failed_delivery",),
                        name="one_contact_per_failure",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "unreachable"), _negated=True),
                            models.Q(("outcome", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="unreachable_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanAudience",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tier",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Tier 1 (high)"), (2, "Tier 2 (medium)"), (3, "Tier 3 (general)")],
                        verbose_name="tier",
                    ),
                ),
                ("first_channels", models.JSONField(verbose_name="first contact, in order")),
                ("update_channels", models.JSONField(verbose_name="updates")),
                ("fallback_channels", models.JSONField(blank=True, default=list, verbose_name="fallback")),
                ("first_contact_interval", models.DurationField(verbose_name="first contact within")),
                ("update_interval", models.DurationField(verbose_name="update every")),
                (
                    "written_confirmation_interval",
                    models.DurationField(blank=True, null=True, verbose_name="written confirmation within"),
                ),
                (
                    "survey_interval",
                    models.DurationField(blank=True, null=True, verbose_name="survey after resolution"),
                ),
                (
                    "check_interval",
                    models.DurationField(blank=True, null=True, verbose_name="first check after resolution"),
                ),
                ("needs_prep_sheet", models.BooleanField(default=False, verbose_name="preparation sheet required")),
                ("owner_role", models.CharField(max_length=24, verbose_name="owner's role")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="audiences",
                        to="workflows.communicationplan",
                        verbose_name="plan",
                    ),
                ),
            ],
            options={
                "verbose_name": "audience of the plan",
                "verbose_name_plural": "audiences of the plan",
                "constraints": [models.UniqueConstraint(fields=("plan", "tier"), name="one_plan_audience_per_tier")],
            },
        ),
    ]
