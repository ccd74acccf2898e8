import datetime
import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import django_fsm
import incidents.models.company
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="name")),
                ("beat_at", models.DateTimeField(verbose_name="last beat")),
            ],
            options={
                "verbose_name": "heartbeat",
                "verbose_name_plural": "heartbeats",
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                (
                    "languages",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Translations of messages are approved by somebody who reads them so.",
                        verbose_name="languages read as a native",
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("digest", models.CharField(max_length=64, unique=True, verbose_name="digest")),
                ("scopes", models.JSONField(default=list, verbose_name="scopes")),
                (
                    "networks",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Where it may be used from; empty means anywhere.",
                        verbose_name="networks",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="made")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="acts as",
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
            },
        ),
        migrations.CreateModel(
            name="Company",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.JSONField(default=dict, verbose_name="name")),
                ("signatory_name", models.JSONField(default=dict, verbose_name="signatory")),
                ("signatory_title", models.JSONField(default=dict, verbose_name="signatory's title")),
                ("hotline", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                ("contact_email", models.EmailField(blank=True, max_length=254, verbose_name="contact e-mail")),
                ("contact_hours", models.JSONField(blank=True, default=dict, verbose_name="opening hours")),
                ("team_name", models.JSONField(blank=True, default=dict, verbose_name="customer team's name")),
                (
                    "languages",
                    models.JSONField(
                        default=incidents.models.company.default_languages,
                        help_text="The first one is the fallback.",
                        verbose_name="languages, in fallback order",
                    ),
                ),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("sender_address", models.EmailField(blank=True, max_length=254, verbose_name="sender address")),
                (
                    "reply_address",
                    models.EmailField(
                        blank=True,
                        help_text="Replies of customers arrive here; somebody reads it.",
                        max_length=254,
                        verbose_name="reply mailbox",
                    ),
                ),
                (
                    "copy_addresses",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Staff mailboxes that get a copy of every message, marked as a copy. One a line.",
                        verbose_name="copies go to",
                    ),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(
                        default=False,
                        help_text="Sample company: mail can only go to this machine.",
                        verbose_name="demonstration",
                    ),
                ),
                (
                    "contact_length",
                    models.DurationField(
                        default="00:20:00",
                        help_text="Preparation, conversation and note together; says how many calls the team can hold.",
                        verbose_name="length of a one-to-one contact",
                    ),
                ),
                (
                    "contact_hours_a_day",
                    models.PositiveSmallIntegerField(default=8, verbose_name="hours a day one person can call"),
                ),
                (
                    "test_recipients",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="The only addresses an exercise may write to.",
                        verbose_name="test recipients",
                    ),
                ),
                ("survey_minutes", models.PositiveSmallIntegerField(default=3, verbose_name="survey length (minutes)")),
                (
                    "held_campaigns",
                    models.JSONField(
                        blank=True,
                        default=incidents.models.company.default_held_campaigns,
                        help_text="Names your marketing systems know; the hold list names them for each affected customer.",
                        verbose_name="campaigns kept back from affected customers",
                    ),
                ),
                ("brief_callback_within", models.DurationField(default="04:00:00", verbose_name="call back within")),
                (
                    "call_attempts",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="After so many calls in vain the customer is told another way.",
                        verbose_name="attempts before another way",
                    ),
                ),
                (
                    "theme_alarm_count",
                    models.PositiveSmallIntegerField(
                        default=5, verbose_name="open questions of one theme that wake the lead"
                    ),
                ),
            ],
            options={
                "verbose_name": "company",
                "verbose_name_plural": "company",
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="company_is_one_row")],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("crm_id", models.CharField(max_length=80, unique=True, verbose_name="CRM id")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("salutation", models.CharField(blank=True, max_length=200, verbose_name="salutation")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("zh", "Chinese"), ("ru", "Russian")],
                        default="en",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("region", models.CharField(blank=True, max_length=80, verbose_name="region")),
                (
                    "importance",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "low"), (2, "medium"), (3, "high")], default=2, verbose_name="importance"
                    ),
                ),
                (
                    "closeness",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "low"), (2, "medium"), (3, "high")], default=2, verbose_name="closeness"
                    ),
                ),
                ("account_key", models.CharField(blank=True, max_length=80, verbose_name="account or household")),
                ("preferred_channel", models.CharField(blank=True, max_length=20, verbose_name="preferred channel")),
                ("call_from", models.TimeField(blank=True, null=True, verbose_name="call from")),
                ("call_until", models.TimeField(blank=True, null=True, verbose_name="call until")),
                (
                    "consent_basis",
                    models.CharField(
                        choices=[("contract", "Contract"), ("consent", "Consent"), ("legal_duty", "Legal duty")],
                        default="contract",
                        max_length=12,
                        verbose_name="consent basis",
                    ),
                ),
                ("attributes", models.JSONField(blank=True, default=dict, verbose_name="attributes")),
                ("defaulted", models.JSONField(blank=True, default=list, verbose_name="defaulted fields")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("updated_at", models.DateTimeField(verbose_name="changed")),
                (
                    "account_manager",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="customers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account manager",
                    ),
                ),
            ],
            options={
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
                "permissions": [
                    ("import_customers", "Can import customers"),
                    ("export_customers", "Can export all customers"),
                    ("see_addresses", "Can see addresses in full"),
                ],
                "indexes": [models.Index(fields=["account_key"], name="incidents_c_account_ee0ebb_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closeness__range", (1, 3)), ("importance__range", (1, 3))),
                        name="customer_scores_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("call_from", None), ("call_until", None)),
                            ("call_from__lt", models.F("call_until")),
                            _connector="OR",
                        ),
                        name="call_hours_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("email", "E-mail"), ("phone", "Telephone"), ("messenger", "Messenger")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("value", models.CharField(max_length=320, verbose_name="address")),
                ("normalised", models.CharField(max_length=320, verbose_name="normalised")),
                ("is_primary", models.BooleanField(default=True, verbose_name="primary")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_points",
                        to="incidents.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact point",
                "verbose_name_plural": "contact points",
                "indexes": [models.Index(fields=["kind", "normalised"], name="incidents_c_kind_1d7c11_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "kind", "normalised"), name="contact_point_once_per_customer"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True)),
                        fields=("customer", "kind"),
                        name="one_primary_contact_per_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("content", models.BinaryField(default=bytes, verbose_name="content")),
                ("size", models.PositiveIntegerField(default=0, verbose_name="bytes")),
                ("uploaded_at", models.DateTimeField(verbose_name="uploaded")),
                ("imported_at", models.DateTimeField(blank=True, null=True, verbose_name="imported")),
                ("report", models.JSONField(blank=True, default=dict, verbose_name="report")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "customer import",
                "verbose_name_plural": "customer imports",
            },
        ),
        migrations.CreateModel(
            name="DutyShift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
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
                        verbose_name="role",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="until")),
                (
                    "deputy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="deputy",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "shift",
                "verbose_name_plural": "shifts",
                "indexes": [models.Index(fields=["ends_at", "role"], name="incidents_d_ends_at_ab0640_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="shift_ends_after_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("deputy", models.F("user")), _negated=True),
                        name="shift_deputy_is_another_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Fact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80, verbose_name="key")),
                ("type", models.CharField(max_length=16, verbose_name="type")),
                ("label", models.JSONField(default=dict, verbose_name="label")),
                ("value", models.JSONField(blank=True, default=dict, verbose_name="value")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unknown", "Marked unknown"),
                            ("reported", "Reported"),
                            ("estimated", "Estimated"),
                            ("verified", "Verified"),
                            ("retracted", "Retracted"),
                        ],
                        default="unknown",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                (
                    "sensitivity",
                    models.CharField(
                        choices=[("internal", "Internal"), ("restricted", "Restricted")],
                        default="internal",
                        max_length=10,
                        verbose_name="sensitivity",
                    ),
                ),
                ("is_publishable", models.BooleanField(default=True, verbose_name="may appear in a customer message")),
                ("needed_by", models.CharField(max_length=10, verbose_name="needed by")),
                (
                    "affects_customer",
                    models.BooleanField(
                        default=False,
                        help_text="Customers need it to act: it is never withheld.",
                        verbose_name="affects customers",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("version", models.PositiveIntegerField(default=0, verbose_name="version")),
                (
                    "corrected_in",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="What was told before that version was wrong.",
                        verbose_name="last corrected in version",
                    ),
                ),
                (
                    "stale_languages",
                    models.JSONField(blank=True, default=list, verbose_name="translations behind their source"),
                ),
                (
                    "is_answered",
                    models.BooleanField(
                        default=False, help_text="Set, or marked unknown on purpose.", verbose_name="answered"
                    ),
                ),
                ("updated_at", models.DateTimeField(blank=True, null=True, verbose_name="changed")),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="changed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "fact",
                "verbose_name_plural": "facts",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("affects_customer", False), ("is_publishable", True), _connector="OR"),
                        name="what_affects_customers_is_never_withheld",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FactVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("value", models.JSONField(blank=True, default=dict, verbose_name="value")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unknown", "Marked unknown"),
                            ("reported", "Reported"),
                            ("estimated", "Estimated"),
                            ("verified", "Verified"),
                            ("retracted", "Retracted"),
                        ],
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                ("is_news", models.BooleanField(default=False, verbose_name="right when it was said")),
                ("at", models.DateTimeField(verbose_name="at")),
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
                    "fact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="incidents.fact",
                        verbose_name="fact",
                    ),
                ),
            ],
            options={
                "verbose_name": "earlier value",
                "verbose_name_plural": "history of facts",
                "constraints": [models.UniqueConstraint(fields=("fact", "version"), name="one_value_per_version")],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True, verbose_name="reference")),
                ("title", models.CharField(max_length=200, verbose_name="working title")),
                ("type", models.SlugField(blank=True, max_length=60, verbose_name="incident type")),
                ("subtype", models.SlugField(blank=True, max_length=60, verbose_name="subtype")),
                ("relationship_type", models.SlugField(blank=True, max_length=60, verbose_name="relationship type")),
                (
                    "severity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SEV1", "SEV1 Critical"),
                            ("SEV2", "SEV2 Major"),
                            ("SEV3", "SEV3 Moderate"),
                            ("SEV4", "SEV4 Minor"),
                        ],
                        max_length=4,
                        verbose_name="severity",
                    ),
                ),
                (
                    "responsibility_cluster",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("victim", "Victim cluster"),
                            ("accidental", "Accidental cluster"),
                            ("preventable", "Preventable cluster"),
                            ("depends_on_truth", "Depends on verification"),
                        ],
                        max_length=20,
                        verbose_name="responsibility cluster",
                    ),
                ),
                ("responsibility_accepted", models.BooleanField(default=False, verbose_name="responsibility accepted")),
                (
                    "phase",
                    django_fsm.FSMField(
                        choices=[
                            ("identify", "Identify"),
                            ("analyze", "Analyse"),
                            ("plan", "Plan"),
                            ("execute", "Execute"),
                            ("follow_up", "Follow-up"),
                            ("evaluate", "Evaluate"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled (false alarm)"),
                        ],
                        default="identify",
                        max_length=10,
                        protected=True,
                        verbose_name="phase",
                    ),
                ),
                ("impact_started_at", models.DateTimeField(blank=True, null=True, verbose_name="impact started")),
                ("detected_at", models.DateTimeField(blank=True, null=True, verbose_name="detected")),
                ("detection_source", models.CharField(blank=True, max_length=100, verbose_name="detection source")),
                ("declared_at", models.DateTimeField(blank=True, null=True, verbose_name="declared")),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                ("phase_entered_at", models.DateTimeField(verbose_name="phase entered")),
                ("jurisdictions", models.JSONField(blank=True, default=list, verbose_name="jurisdictions")),
                ("is_drill", models.BooleanField(default=False, verbose_name="exercise")),
                (
                    "is_embargoed",
                    models.BooleanField(
                        default=False,
                        help_text="Seen by its team and the people let in, by nobody else.",
                        verbose_name="embargoed",
                    ),
                ),
                ("is_safety_warning", models.BooleanField(default=False, verbose_name="safety warning to all at once")),
                (
                    "needs_individual_notice",
                    models.BooleanField(default=False, verbose_name="statutory individual notice"),
                ),
                ("is_market_first", models.BooleanField(default=False, verbose_name="market disclosure first")),
                (
                    "market_disclosed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="disclosed to the market"),
                ),
                ("is_on_hold", models.BooleanField(default=False, verbose_name="sending stopped")),
                ("hold_reason", models.CharField(blank=True, max_length=300, verbose_name="reason of the stop")),
                ("created_at", models.DateTimeField(verbose_name="reported")),
                (
                    "insiders",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="let in besides the team",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="led",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="lead",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reported",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reported by",
                    ),
                ),
            ],
            options={
                "verbose_name": "incident",
                "verbose_name_plural": "incidents",
                "permissions": [
                    ("declare_incident", "Can declare an incident"),
                    ("move_phase", "Can move an incident to another phase"),
                    ("waive_gate", "Can waive a gate with a reason"),
                    ("stop_sending", "Can stop and resume sending"),
                ],
                "indexes": [
                    models.Index(fields=["phase", "-created_at"], name="incidents_i_phase_0a817f_idx"),
                    models.Index(
                        condition=models.Q(("is_embargoed", True)), fields=["is_embargoed"], name="incidents_embargoed"
                    ),
                ],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name="Impact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("affected_items", models.TextField(blank=True, verbose_name="affected items")),
                (
                    "harm",
                    models.CharField(
                        choices=[
                            ("none", "None known"),
                            ("inconvenience", "Inconvenience"),
                            ("financial", "Financial loss"),
                            ("operational", "Operations stop"),
                            ("legal_right", "Statutory right to notice"),
                            ("safety", "Risk to safety"),
                        ],
                        default="inconvenience",
                        max_length=14,
                        verbose_name="harm",
                    ),
                ),
                (
                    "degree",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "low"), (2, "medium"), (3, "high")], default=2, verbose_name="degree affected"
                    ),
                ),
                ("is_defaulted", models.BooleanField(default=False, verbose_name="degree or harm defaulted")),
                ("score", models.PositiveSmallIntegerField(default=0, verbose_name="score")),
                (
                    "computed_tier",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "Tier 1 (high)"), (2, "Tier 2 (medium)"), (3, "Tier 3 (general)")],
                        null=True,
                        verbose_name="computed tier",
                    ),
                ),
                ("arithmetic", models.CharField(blank=True, max_length=200, verbose_name="arithmetic")),
                (
                    "override_tier",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "Tier 1 (high)"), (2, "Tier 2 (medium)"), (3, "Tier 3 (general)")],
                        null=True,
                        verbose_name="overriding tier",
                    ),
                ),
                (
                    "override_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="reason of the override"),
                ),
                (
                    "tier",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce("override_tier", "computed_tier"),
                        output_field=models.PositiveSmallIntegerField(
                            choices=[(1, "Tier 1 (high)"), (2, "Tier 2 (medium)"), (3, "Tier 3 (general)")],
                            null=True,
                            verbose_name="tier",
                        ),
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="impacts",
                        to="incidents.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "override_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="overridden by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="impacts",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "affected customer",
                "verbose_name_plural": "affected customers",
                "indexes": [models.Index(fields=["incident", "tier"], name="incidents_i_inciden_868b64_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "customer"), name="one_impact_per_customer"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("override_tier", None), models.Q(("override_reason", ""), _negated=True), _connector="OR"
                        ),
                        name="tier_override_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("harm__in", ["safety", "legal_right"]), _negated=True),
                            ("override_tier", None),
                            ("override_tier", 1),
                            _connector="OR",
                        ),
                        name="safety_and_legal_rights_stay_tier_1",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GateWaiver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("identify", "Identify"),
                            ("analyze", "Analyse"),
                            ("plan", "Plan"),
                            ("execute", "Execute"),
                            ("follow_up", "Follow-up"),
                            ("evaluate", "Evaluate"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled (false alarm)"),
                        ],
                        max_length=10,
                        verbose_name="phase",
                    ),
                ),
                ("gate_id", models.CharField(max_length=40, verbose_name="gate")),
                ("reason", models.TextField(verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
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
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waivers",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "waiver",
                "verbose_name_plural": "waivers",
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "phase", "gate_id"), name="one_waiver_per_gate"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="waiver_has_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("question", "Question"),
                            ("complaint", "Complaint"),
                            ("urgent_need", "Urgent need"),
                            ("praise", "Praise"),
                            ("other", "Other"),
                        ],
                        default="question",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("staff", "Logged by staff"),
                            ("customer_page", "Customer's own page"),
                            ("call", "Call"),
                            ("interface", "Interface (API)"),
                            ("social", "Comment under a post"),
                        ],
                        default="staff",
                        max_length=14,
                        verbose_name="came in by",
                    ),
                ),
                ("verbatim", models.TextField(max_length=5000, verbose_name="in the customer's words")),
                ("theme", models.CharField(blank=True, max_length=80, verbose_name="theme")),
                (
                    "mood",
                    models.CharField(
                        choices=[
                            ("distress", "In distress"),
                            ("angry", "Angry"),
                            ("worried", "Worried"),
                            ("neutral", "Neutral"),
                            ("content", "Content"),
                        ],
                        default="neutral",
                        max_length=8,
                        verbose_name="mood",
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=2, verbose_name="language")),
                (
                    "attitude",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("respectful", "Respectful and helpful"),
                            ("indifferent", "Indifferent"),
                            ("dismissive", "Dismissive or rude"),
                        ],
                        max_length=12,
                        verbose_name="how they came across",
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="answer due")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("answered", "Answered"), ("closed", "Closed")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("answer", models.TextField(blank=True, max_length=5000, verbose_name="answer")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                (
                    "form_key",
                    models.CharField(blank=True, max_length=64, null=True, unique=True, verbose_name="form it came by"),
                ),
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
                    "contact_person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="said about (member of staff)",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="incidents.customer",
                        verbose_name="customer",
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
                        related_name="owned_feedback",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "feedback entry",
                "verbose_name_plural": "feedback log",
                "indexes": [
                    models.Index(fields=["incident", "-received_at"], name="incidents_f_inciden_3a610a_idx"),
                    models.Index(condition=models.Q(("state", "open")), fields=["due_at"], name="open_feedback_by_due"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FactSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("content", models.JSONField(verbose_name="content")),
                ("sha256", models.CharField(max_length=64, verbose_name="digest")),
                ("change_note", models.JSONField(blank=True, default=dict, verbose_name="what changed")),
                ("created_at", models.DateTimeField(verbose_name="written")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fact_sheets",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "fact sheet",
                "verbose_name_plural": "fact sheets",
                "permissions": [("confirm_factsheet", "Can confirm a fact sheet")],
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "version"), name="one_fact_sheet_per_version"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("created_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="fact_sheet_confirmed_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at", None), ("confirmed_by", None)),
                            models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="fact_sheet_confirmation_is_whole",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="fact",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="facts",
                to="incidents.incident",
                verbose_name="incident",
            ),
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted")),
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
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exclusions",
                        to="incidents.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exclusions",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "excluded customer",
                "verbose_name_plural": "excluded customers",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("incident", "customer"),
                        name="one_open_exclusion",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="exclusion_has_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=80, verbose_name="subject")),
                ("text", models.TextField(verbose_name="evidence")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("at", models.DateTimeField(verbose_name="at")),
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
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "indexes": [models.Index(fields=["incident", "subject"], name="incidents_e_inciden_efe17f_idx")],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("decision", "Decision"),
                            ("check", "Check done"),
                            ("confirmation", "Confirmation"),
                            ("approval", "Approval outside messages"),
                            ("admission", "Responsibility"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("key", models.CharField(max_length=80, verbose_name="subject")),
                ("outcome", models.CharField(max_length=200, verbose_name="outcome")),
                ("reason", models.TextField(verbose_name="reason")),
                ("data", models.JSONField(blank=True, default=dict, verbose_name="details")),
                ("at", models.DateTimeField(verbose_name="at")),
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
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
                "indexes": [
                    models.Index(fields=["incident", "kind", "key", "-at"], name="incidents_d_inciden_42e633_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("next_update", "Next update"),
                            ("estimate", "Estimate"),
                            ("remedy", "Remedy"),
                            ("promise", "Promise"),
                        ],
                        default="promise",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.JSONField(default=dict, verbose_name="text")),
                ("tier", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="tier")),
                ("source_reference", models.CharField(blank=True, max_length=60, verbose_name="made in")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                ("feasibility_evidence", models.TextField(blank=True, verbose_name="why it can be kept")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("kept", "Kept"),
                            ("broken", "Broken"),
                            ("renegotiated", "Renegotiated with the customer"),
                            ("withdrawn", "Withdrawn before it was due"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("outcome", models.TextField(blank=True, verbose_name="outcome")),
                ("reminded_at", models.DateTimeField(blank=True, null=True, verbose_name="owner reminded")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled")),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="incidents.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="commitments",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "commitment",
                "verbose_name_plural": "commitments",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["due_at"], name="open_commitments_by_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("source_reference", ""), _negated=True),
                            ("customer", None),
                            models.Q(("kind", "promise"), _negated=True),
                        ),
                        fields=("incident", "source_reference", "kind", "tier"),
                        name="one_commitment_per_message_kind_tier",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.BigIntegerField(default=0, verbose_name="sequence")),
                ("action", models.CharField(max_length=80, verbose_name="action")),
                ("data", models.JSONField(default=dict, verbose_name="details")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("previous_hash", models.CharField(blank=True, max_length=64, verbose_name="previous hash")),
                ("hash", models.CharField(blank=True, max_length=64, verbose_name="hash")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_events",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit event",
                "verbose_name_plural": "audit trail",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("incident", "sequence"), name="audit_sequence_is_unique", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Action",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.JSONField(default=dict, verbose_name="what is done")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("is_told", models.BooleanField(default=True, verbose_name="told to customers")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                ("dropped_at", models.DateTimeField(blank=True, null=True, verbose_name="dropped")),
                ("created_at", models.DateTimeField(verbose_name="planned")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="actions",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "action",
                "verbose_name_plural": "actions",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("done_at", None), ("dropped_at", None), _connector="OR"),
                        name="action_is_done_or_dropped",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PhaseTransition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("identify", "Identify"),
                            ("analyze", "Analyse"),
                            ("plan", "Plan"),
                            ("execute", "Execute"),
                            ("follow_up", "Follow-up"),
                            ("evaluate", "Evaluate"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled (false alarm)"),
                        ],
                        max_length=10,
                        verbose_name="from",
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("identify", "Identify"),
                            ("analyze", "Analyse"),
                            ("plan", "Plan"),
                            ("execute", "Execute"),
                            ("follow_up", "Follow-up"),
                            ("evaluate", "Evaluate"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled (false alarm)"),
                        ],
                        max_length=10,
                        verbose_name="to",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("transaction_id", models.BigIntegerField(default=0, editable=False, verbose_name="transaction")),
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
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transitions",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "phase change",
                "verbose_name_plural": "phase changes",
            },
        ),
        migrations.CreateModel(
            name="RemedyOption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=60, verbose_name="key")),
                ("name", models.JSONField(default=dict, verbose_name="name")),
                ("how_to_claim", models.JSONField(blank=True, default=dict, verbose_name="how to claim")),
                ("claim_deadline", models.DateTimeField(blank=True, null=True, verbose_name="claim by")),
                ("approver_role", models.CharField(max_length=24, verbose_name="approver's role")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="remedy_options",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "remedy option",
                "verbose_name_plural": "remedy options",
                "constraints": [models.UniqueConstraint(fields=("incident", "key"), name="one_remedy_option_per_key")],
            },
        ),
        migrations.CreateModel(
            name="RemedyLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tier",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "Tier 1 (high)"), (2, "Tier 2 (medium)"), (3, "Tier 3 (general)")],
                        null=True,
                        verbose_name="tier",
                    ),
                ),
                ("segment", models.JSONField(blank=True, default=dict, verbose_name="segment")),
                (
                    "largest_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="granted without its approver up to",
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "option",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limits",
                        to="incidents.remedyoption",
                        verbose_name="remedy",
                    ),
                ),
            ],
            options={
                "verbose_name": "limit of a remedy",
                "verbose_name_plural": "limits of remedies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("largest_amount", None), models.Q(("currency", ""), _negated=True), _connector="OR"
                        ),
                        name="an_amount_has_a_currency",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RemedyChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chosen_at", models.DateTimeField(verbose_name="chosen")),
                (
                    "amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="amount"),
                ),
                ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="delivered")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remedy_choices",
                        to="incidents.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="granted by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remedy_choices",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "option",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="choices",
                        to="incidents.remedyoption",
                        verbose_name="option",
                    ),
                ),
            ],
            options={
                "verbose_name": "remedy choice",
                "verbose_name_plural": "remedy choices",
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "customer"), name="one_remedy_choice_per_customer")
                ],
            },
        ),
        migrations.CreateModel(
            name="RosterEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
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
                        unique=True,
                        verbose_name="role",
                    ),
                ),
                (
                    "deputy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="deputy",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "roster entry",
                "verbose_name_plural": "duty roster",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("deputy", models.F("user")), _negated=True),
                        name="roster_deputy_is_another_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("query", models.TextField(verbose_name="query")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="what it is for")),
                ("created_at", models.DateTimeField(verbose_name="written")),
                ("updated_at", models.DateTimeField(verbose_name="changed")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "segment",
                "verbose_name_plural": "segments",
            },
        ),
        migrations.CreateModel(
            name="Signal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("complaint", "Complaints"),
                            ("dissatisfaction", "Dissatisfied ratings"),
                            ("departure", "Customers leaving"),
                            ("publicity", "Negative publicity"),
                            ("keyword", "A keyword in posts or messages"),
                            ("sentiment", "Mood turning bad"),
                            ("technical", "Technical monitoring"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("source", models.CharField(max_length=60, verbose_name="source")),
                ("keyword", models.CharField(blank=True, max_length=60, verbose_name="keyword")),
                ("count", models.PositiveIntegerField(default=1, verbose_name="how many")),
                ("text", models.TextField(blank=True, max_length=5000, verbose_name="what was noticed")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                (
                    "incident",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signals",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "posted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="posted by",
                    ),
                ),
            ],
            options={
                "verbose_name": "signal",
                "verbose_name_plural": "signals",
                "indexes": [
                    models.Index(fields=["kind", "-received_at"], name="incidents_s_kind_5c7a7a_idx"),
                    models.Index(fields=["-received_at"], name="incidents_s_receive_66a52a_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("count__gte", 1)), name="signal_counts_something")
                ],
            },
        ),
        migrations.CreateModel(
            name="SignalThreshold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("complaint", "Complaints"),
                            ("dissatisfaction", "Dissatisfied ratings"),
                            ("departure", "Customers leaving"),
                            ("publicity", "Negative publicity"),
                            ("keyword", "A keyword in posts or messages"),
                            ("sentiment", "Mood turning bad"),
                            ("technical", "Technical monitoring"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("keyword", models.CharField(blank=True, max_length=60, verbose_name="keyword")),
                ("source", models.CharField(blank=True, max_length=60, verbose_name="source")),
                ("count", models.PositiveIntegerField(default=10, verbose_name="how many")),
                ("interval", models.DurationField(default=datetime.timedelta(seconds=3600), verbose_name="within")),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="title of the report")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "threshold",
                "verbose_name_plural": "thresholds",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "keyword", "source"), name="one_threshold_per_pattern"),
                    models.CheckConstraint(condition=models.Q(("count__gte", 1)), name="threshold_counts_something"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyResponse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("answers", models.JSONField(verbose_name="answers")),
                ("language", models.CharField(blank=True, max_length=2, verbose_name="language")),
                ("answered_at", models.DateTimeField(verbose_name="answered")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="survey_responses",
                        to="incidents.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="survey_responses",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "survey response",
                "verbose_name_plural": "survey responses",
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "customer"), name="one_survey_response_per_customer")
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
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
                        verbose_name="role",
                    ),
                ),
                (
                    "deputy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deputy_assignments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="deputy",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="team",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "team member",
                "verbose_name_plural": "team",
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "role"), name="one_holder_per_role"),
                    models.CheckConstraint(
                        condition=models.Q(("deputy", models.F("user")), _negated=True),
                        name="team_deputy_is_another_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TimelineEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("phase", "Phase"),
                            ("fact", "Fact"),
                            ("audience", "Audience"),
                            ("plan", "Plan"),
                            ("message", "Message"),
                            ("delivery", "Delivery"),
                            ("feedback", "Feedback"),
                            ("commitment", "Commitment"),
                            ("decision", "Decision"),
                            ("escalation", "Escalation"),
                            ("review", "Review"),
                            ("note", "Note"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.TextField(verbose_name="text")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="timeline",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "timeline entry",
                "verbose_name_plural": "timeline",
                "indexes": [models.Index(fields=["incident", "-at", "-id"], name="incidents_t_inciden_0f66fe_idx")],
            },
        ),
        migrations.CreateModel(
            name="Unknown",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="what is not known")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved")),
                ("created_at", models.DateTimeField(verbose_name="noted")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unknowns",
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
                "verbose_name": "unknown",
                "verbose_name_plural": "unknowns",
            },
        ),
        migrations.CreateModel(
            name="Withholding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("legal", "Legal duty or pending proceedings"),
                            ("privacy", "Privacy of a person"),
                            ("security", "Security: telling it would do harm"),
                            ("inquiry", "Would disturb an inquiry"),
                            ("trade_secret", "Secret of another party"),
                        ],
                        max_length=16,
                        verbose_name="ground",
                    ),
                ),
                ("explanation", models.TextField(verbose_name="why")),
                ("review_at", models.DateTimeField(verbose_name="looked at again")),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted")),
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
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withholdings",
                        to="incidents.fact",
                        verbose_name="fact",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="lifted by",
                    ),
                ),
            ],
            options={
                "verbose_name": "withheld fact",
                "verbose_name_plural": "withheld facts",
                "permissions": [("approve_withholding", "Can approve and review a withheld fact")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("approved_at__isnull", False), ("lifted_at", None)),
                        fields=["review_at"],
                        name="withholdings_by_review",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)), fields=("fact",), name="one_open_withholding_per_fact"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="withholding_approved_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at", None), ("approved_by", None)),
                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="withholding_approval_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("explanation", ""), _negated=True), name="withholding_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("review_at__gt", models.F("asked_at"))),
                        name="withholding_is_looked_at_again",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200, verbose_name="idempotency key")),
                ("request_sha256", models.CharField(max_length=64, verbose_name="digest of the request")),
                ("response", models.JSONField(null=True, verbose_name="answer")),
                ("created_at", models.DateTimeField(verbose_name="received")),
                (
                    "token",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="incidents.apitoken",
                        verbose_name="API token",
                    ),
                ),
            ],
            options={
                "verbose_name": "API request",
                "verbose_name_plural": "API requests",
                "constraints": [models.UniqueConstraint(fields=("token", "key"), name="one_api_request_per_key")],
            },
        ),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.UniqueConstraint(fields=("incident", "key"), name="one_fact_per_key"),
        ),
    ]
