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
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True, verbose_name="digest")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feed",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar address",
                "verbose_name_plural": "calendar addresses",
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=60, unique=True, verbose_name="short name")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("success", "It went well"), ("failure", "It went wrong"), ("mixed", "Both")],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("title", models.JSONField(default=dict, verbose_name="title")),
                ("story", models.JSONField(default=dict, verbose_name="what happened")),
                ("lessons", models.JSONField(default=dict, verbose_name="what to take from it")),
                ("tags", models.JSONField(blank=True, default=list, verbose_name="tags")),
                ("is_shipped", models.BooleanField(default=False, verbose_name="comes with the product")),
                ("created_at", models.DateTimeField(verbose_name="added")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
            ],
            options={
                "verbose_name": "case",
                "verbose_name_plural": "case library",
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
                ("once_per_address", models.BooleanField(default=True, verbose_name="one copy for each address")),
                (
                    "once_per_account",
                    models.BooleanField(default=False, verbose_name="one copy for each account or household"),
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
                            ("aftercare", "Care after the incident"),
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
                ("claim_until", models.DateTimeField(blank=True, null=True, verbose_name="claimed until")),
                ("meets_at", models.DateTimeField(blank=True, null=True, verbose_name="agreed for")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(db_default=30, default=30, verbose_name="length (minutes)"),
                ),
                (
                    "video_link",
                    models.URLField(blank=True, db_default="", default="", max_length=500, verbose_name="video link"),
                ),
                (
                    "place",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="place"),
                ),
                ("attendees", models.TextField(blank=True, db_default="", default="", verbose_name="who takes part")),
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
                (
                    "mood",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("distress", "In distress"),
                            ("angry", "Angry"),
                            ("worried", "Worried"),
                            ("neutral", "Neutral"),
                            ("content", "Content"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                        verbose_name="mood",
                    ),
                ),
                ("report", models.TextField(blank=True, db_default="", default="", verbose_name="report of the visit")),
                (
                    "confirmation_due_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="written confirmation due"),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed in writing")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                (
                    "chosen_option",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.remedyoption",
                        verbose_name="chosen option",
                    ),
                ),
                (
                    "claimed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who is on it",
                    ),
                ),
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
                    models.Index(fields=["incident", "state", "due_at"], name="workflows_o_inciden_20e564_idx"),
                    models.Index(
                        condition=models.Q(("state", "claimed")), fields=["claim_until"], name="contacts_claimed"
                    ),
                    models.Index(
                        condition=models.Q(
                            ("confirmed_at", None),
                            ("state", "done"),
                            models.Q(("confirmation_due_at", None), _negated=True),
                        ),
                        fields=["confirmation_due_at"],
                        name="contacts_to_confirm",
                    ),
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
                    models.UniqueConstraint(
                        condition=models.Q(("origin", "aftercare")),
                        fields=("incident", "customer", "due_at"),
                        name="one_aftercare_contact_per_date",
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
            name="ContactAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("reached", "Reached"),
                            ("no_answer", "Nobody answered"),
                            ("call_back", "Asked to be called again"),
                            ("wrong_address", "Wrong number or address"),
                            ("refused", "Does not want to talk"),
                        ],
                        max_length=16,
                        verbose_name="result",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("minutes", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="length (minutes)")),
                ("at", models.DateTimeField(verbose_name="tried")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who tried",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="workflows.outreachtask",
                        verbose_name="personal contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "attempt",
                "verbose_name_plural": "attempts",
                "indexes": [models.Index(fields=["task", "at"], name="workflows_c_task_id_8c0c95_idx")],
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
                (
                    "aftercare",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="When each customer is asked how they are, counted from the resolution (P30D).",
                        verbose_name="care after the resolution",
                    ),
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
        migrations.CreateModel(
            name="PlanParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "party",
                    models.CharField(
                        choices=[
                            ("staff", "Staff"),
                            ("partners", "Partners"),
                            ("press", "Press"),
                            ("regulators", "Regulators"),
                            ("investors", "Investors"),
                        ],
                        max_length=12,
                        verbose_name="audience",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("first_notice", "First notice"),
                            ("progress_update", "Progress update"),
                            ("resolution", "Resolution notice"),
                        ],
                        max_length=24,
                        verbose_name="stage",
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
                (
                    "owner_role",
                    models.CharField(
                        choices=[
                            ("incident_lead", "Incident lead"),
                            ("communications_lead", "Communications lead"),
                            ("subject_owner", "Owner of the subject area"),
                            ("legal_counsel", "Legal counsel"),
                            ("executive_sponsor", "Executive sponsor"),
                            ("spokesperson", "Spokesperson"),
                            ("account_manager", "Account manager"),
                            ("privacy_officer", "Data protection officer"),
                            ("hr_lead", "Head of HR"),
                            ("finance_lead", "Head of finance"),
                        ],
                        max_length=24,
                        verbose_name="owner's role",
                    ),
                ),
                ("due_interval", models.DurationField(blank=True, null=True, verbose_name="due after the declaration")),
                ("is_needed", models.BooleanField(default=True, verbose_name="needed")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="why it is not needed")),
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
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="workflows.communicationplan",
                        verbose_name="plan",
                    ),
                ),
            ],
            options={
                "verbose_name": "other audience of the plan",
                "verbose_name_plural": "other audiences of the plan",
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "party", "stage"), name="one_cell_per_party_and_stage")
                ],
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
        migrations.AddField(
            model_name="communicationplan",
            name="playbook",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="workflows.playbookversion",
                verbose_name="playbook",
            ),
        ),
        migrations.AddField(
            model_name="communicationplan",
            name="relationship_playbook",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="workflows.playbookversion",
                verbose_name="relationship playbook",
            ),
        ),
        migrations.CreateModel(
            name="PressConference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("held_at", models.DateTimeField(verbose_name="time")),
                ("place", models.CharField(max_length=200, verbose_name="place")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("approved", "Approved"),
                            ("held", "Held"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                (
                    "record",
                    models.TextField(
                        blank=True, help_text="What was said beyond the statement.", verbose_name="record"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created")),
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
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conferences",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="planned by",
                    ),
                ),
                (
                    "speaker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who speaks",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="notifications.message",
                        verbose_name="statement",
                    ),
                ),
            ],
            options={
                "verbose_name": "press conference",
                "verbose_name_plural": "press conferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("planned_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="conference_approved_by_another_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PressEnquiry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("who", models.CharField(max_length=200, verbose_name="who asks")),
                ("outlet", models.CharField(blank=True, max_length=200, verbose_name="medium")),
                ("contact", models.CharField(blank=True, max_length=200, verbose_name="how to reach them")),
                ("question", models.TextField(max_length=5000, verbose_name="question")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="their deadline")),
                ("answer", models.TextField(blank=True, max_length=5000, verbose_name="answer")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "conference",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="workflows.pressconference",
                        verbose_name="asked at the conference",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enquiries",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "logged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="logged by",
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
            ],
            options={
                "verbose_name": "press enquiry",
                "verbose_name_plural": "press enquiries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at", None)), fields=["due_at"], name="open_enquiries_by_due"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_at", None), models.Q(("answer", ""), _negated=True), _connector="OR"
                        ),
                        name="answered_enquiry_has_an_answer",
                    )
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
                    "fact_sheet",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.factsheet",
                        verbose_name="approved with the fact sheet",
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
            name="RhythmPause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tier",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Tier 1 (high)"), (2, "Tier 2 (medium)"), (3, "Tier 3 (general)")],
                        verbose_name="tier",
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="until")),
                ("reason", models.TextField(verbose_name="reason")),
                ("made_at", models.DateTimeField(verbose_name="paused")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pauses",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="paused by",
                    ),
                ),
            ],
            options={
                "verbose_name": "pause of the rhythm",
                "verbose_name_plural": "pauses of the rhythm",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="pause_has_a_reason"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("incident", "tier"), name="one_pause_per_tier"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SocialPost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=20, verbose_name="network")),
                ("post_at", models.DateTimeField(blank=True, null=True, verbose_name="to be posted")),
                ("posted_at", models.DateTimeField(blank=True, null=True, verbose_name="posted")),
                ("link", models.CharField(blank=True, max_length=500, verbose_name="link")),
                ("answer_within", models.DurationField(verbose_name="answer comments within")),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="social_post",
                        to="notifications.message",
                        verbose_name="text",
                    ),
                ),
                (
                    "posted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="posted by",
                    ),
                ),
                (
                    "poster",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who posts it",
                    ),
                ),
            ],
            options={
                "verbose_name": "social media post",
                "verbose_name_plural": "social media posts",
                "indexes": [
                    models.Index(condition=models.Q(("posted_at", None)), fields=["post_at"], name="posts_waiting")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostComment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("author_name", models.CharField(blank=True, max_length=80, verbose_name="name on the network")),
                (
                    "feedback",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comment",
                        to="incidents.feedback",
                        verbose_name="comment",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="workflows.socialpost",
                        verbose_name="post",
                    ),
                ),
            ],
            options={
                "verbose_name": "comment under a post",
                "verbose_name_plural": "comments under posts",
            },
        ),
        migrations.CreateModel(
            name="StaffBrief",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("content", models.JSONField(verbose_name="content")),
                ("quiz", models.JSONField(blank=True, default=list, verbose_name="quiz")),
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
                ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="asked")),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True, verbose_name="acknowledged")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts at the quiz")),
                (
                    "first_score",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=3, null=True, verbose_name="score at first"
                    ),
                ),
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
            name="TrainingRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("crisis_communication", "Crisis communication"),
                            ("hard_conversations", "Hard conversations"),
                            ("incident_brief", "Brief of an incident"),
                            ("exercise", "Exercise"),
                            ("media", "Media and social media"),
                        ],
                        max_length=24,
                        verbose_name="topic",
                    ),
                ),
                ("trained_at", models.DateTimeField(verbose_name="trained")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="holds until")),
                (
                    "score",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Share of right answers.",
                        max_digits=3,
                        null=True,
                        verbose_name="result",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "incident",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "training",
                "verbose_name_plural": "training log",
                "indexes": [models.Index(fields=["user", "-trained_at"], name="workflows_t_user_id_5b69d7_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("topic", "incident_brief")),
                        fields=("user", "incident"),
                        name="one_brief_training_per_incident",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score", None), ("score__range", (0, 1)), _connector="OR"),
                        name="score_is_a_share",
                    ),
                ],
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
                            ("report_waits", "A report waits to be judged"),
                            ("first_word_waits", "The first word waits for your approval"),
                            ("approval_late", "An approval is late"),
                            ("emergency_open", "An emergency approval was opened"),
                            ("update_at_risk", "A promised update will miss its time"),
                            ("update_missed", "A promised update missed its time"),
                            ("first_notice_late", "The first contact is late"),
                            ("silence", "Customers hear nothing for too long"),
                            ("commitment_late", "A commitment is overdue"),
                            ("question_late", "A question waits too long"),
                            ("distress", "A customer in distress"),
                            ("theme_unanswered", "A theme without an answer"),
                            ("confirmation_late", "A written confirmation is late"),
                            ("brief_waiting", "A staff brief waits"),
                            ("delivery_stuck", "Deliveries need people"),
                            ("correction_waits", "A sent text needs a correction"),
                            ("withholding_due", "A withheld fact is to be looked at again"),
                            ("party_late", "A text for another audience is late"),
                            ("enquiry_late", "An enquiry of the press waits too long"),
                            ("post_late", "A post was not posted"),
                            ("clock_at_risk", "A legal deadline is near"),
                            ("clock_missed", "A legal deadline has passed"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.TextField(verbose_name="what is late")),
                ("path", models.CharField(blank=True, max_length=200, verbose_name="where it is done")),
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
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="what is claimed")),
                ("said_where", models.CharField(blank=True, max_length=200, verbose_name="where and by whom")),
                (
                    "truth",
                    models.CharField(
                        choices=[
                            ("unverified", "Not verified yet"),
                            ("true", "True"),
                            ("partly_true", "Partly true"),
                            ("false", "False"),
                        ],
                        default="unverified",
                        max_length=12,
                        verbose_name="truth",
                    ),
                ),
                (
                    "stance",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("deny", "Deny, with evidence"),
                            ("inform", "Only inform: it is open"),
                            ("rebuild", "Admit, apologise and put right"),
                        ],
                        max_length=10,
                        verbose_name="our answer",
                    ),
                ),
                ("noted_at", models.DateTimeField(verbose_name="noted")),
                ("classified_at", models.DateTimeField(blank=True, null=True, verbose_name="classified")),
                (
                    "classified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="classified by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="noted by",
                    ),
                ),
            ],
            options={
                "verbose_name": "claim",
                "verbose_name_plural": "claims",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stance", "deny"), _negated=True), ("truth", "false"), _connector="OR"
                        ),
                        name="only_false_claims_are_denied",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("clock", models.SlugField(max_length=60, verbose_name="clock")),
                ("jurisdiction", models.CharField(max_length=60, verbose_name="jurisdiction")),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("stopped", "Stopped")],
                        default="running",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("answer", models.CharField(max_length=8, verbose_name="answer of the screening")),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="started")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="deadline")),
                (
                    "is_house_target",
                    models.BooleanField(default=False, verbose_name="the house's own target: the law has no number"),
                ),
                ("ticked", models.JSONField(blank=True, default=list, verbose_name="content that was sent")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                ("receipt", models.CharField(blank=True, max_length=300, verbose_name="receipt")),
                ("stop_reason", models.TextField(blank=True, verbose_name="why it should stop")),
                ("stopped_at", models.DateTimeField(blank=True, null=True, verbose_name="stopped")),
                ("created_at", models.DateTimeField(verbose_name="screened")),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="done by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clock_runs",
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
                    "stop_asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="stopped by",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal clock",
                "verbose_name_plural": "legal clocks",
                "permissions": [("stop_clock", "Can agree that a legal clock stops")],
                "indexes": [
                    models.Index(condition=models.Q(("state", "running")), fields=["due_at"], name="clocks_running")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("incident", "clock", "jurisdiction"), name="one_run_per_clock_and_place"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            models.Q(("receipt", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_clock_is_met_with_a_receipt",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "stopped"), _negated=True),
                            models.Q(
                                models.Q(("stop_reason", ""), _negated=True),
                                ("stop_asked_by__isnull", False),
                                ("stopped_by__isnull", False),
                                models.Q(("stopped_by", models.F("stop_asked_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_clock_is_stopped_by_another_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HoldList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, verbose_name="version")),
                ("customers", models.PositiveIntegerField(default=0, verbose_name="customers")),
                ("newest", models.BigIntegerField(default=0, verbose_name="newest affected customer")),
                ("kinds", models.JSONField(default=list, verbose_name="kept back")),
                ("checked_at", models.DateTimeField(verbose_name="looked at")),
                ("published_at", models.DateTimeField(verbose_name="announced")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted")),
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hold_list",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "hold list",
                "verbose_name_plural": "hold lists",
                "indexes": [
                    models.Index(
                        condition=models.Q(("lifted_at", None)), fields=["checked_at"], name="hold_lists_to_look_at"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("linked", "Linked"), ("merged", "Merged")], max_length=8, verbose_name="kind"
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="taken back")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="linked_by",
                        to="incidents.incident",
                        verbose_name="other incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "link between incidents",
                "verbose_name_plural": "links between incidents",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("incident", models.F("other")), _negated=True),
                        name="link_joins_two_incidents",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "linked"), ("ended_at", None), _connector="OR"),
                        name="a_merge_is_not_taken_back",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("incident", "other"),
                        name="one_standing_link_per_pair",
                    ),
                ],
            },
        ),
    ]
