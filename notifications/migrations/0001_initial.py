import django.db.models.deletion
import django_fsm
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("incidents", "0001_initial"),
        ("incidents", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="key")),
                ("count", models.PositiveIntegerField(default=0, verbose_name="count")),
                ("resets_at", models.DateTimeField(db_index=True, verbose_name="starts anew")),
            ],
            options={
                "verbose_name": "request counter",
                "verbose_name_plural": "request counters",
            },
        ),
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("url", models.URLField(max_length=500, verbose_name="address")),
                ("secret", models.CharField(blank=True, max_length=400, verbose_name="signing secret (encrypted)")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "webhook",
                "verbose_name_plural": "webhooks",
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("holding_statement", "Holding statement"),
                            ("first_notice", "First notice"),
                            ("progress_update", "Progress update"),
                            ("correction", "Correction"),
                            ("resolution", "Resolution notice"),
                            ("last_word", "Last word after a false alarm"),
                            ("follow_up_survey", "Follow-up and survey"),
                            ("party_notice", "Text for another audience"),
                            ("press_release", "Press release"),
                            ("social_post", "Social media post"),
                        ],
                        max_length=24,
                        verbose_name="kind",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("approved", "Approved"),
                            ("scheduled", "Scheduled"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("cancelled", "Cancelled"),
                            ("superseded", "Superseded"),
                            ("expired", "Expired"),
                        ],
                        default="draft",
                        max_length=12,
                        protected=True,
                        verbose_name="state",
                    ),
                ),
                ("audience", models.JSONField(default=dict, verbose_name="audience")),
                ("channels", models.JSONField(default=dict, verbose_name="channels by tier")),
                ("promises", models.JSONField(blank=True, default=dict, verbose_name="promises by tier")),
                ("update_number", models.PositiveIntegerField(default=0, verbose_name="update number")),
                (
                    "uncertain_policy",
                    models.CharField(
                        choices=[
                            ("hold", "Hold and show to people"),
                            ("resend", "Send again with the same Message-ID"),
                        ],
                        default="hold",
                        max_length=8,
                        verbose_name="when the outcome is unknown",
                    ),
                ),
                (
                    "cleared_severity",
                    models.CharField(blank=True, max_length=4, null=True, verbose_name="approved for a severity of"),
                ),
                (
                    "cleared_size",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="approved for so many customers"),
                ),
                ("needs_correction", models.BooleanField(default=False, verbose_name="a fact it used has changed")),
                (
                    "settled_facts",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Fact and the version looked at.",
                        verbose_name="corrections decided against",
                    ),
                ),
                ("languages", models.JSONField(blank=True, default=list, verbose_name="languages it went out in")),
                (
                    "is_standing_approved",
                    models.BooleanField(default=False, verbose_name="approved by standing approval"),
                ),
                ("is_stopped", models.BooleanField(default=False, verbose_name="stopped")),
                ("created_at", models.DateTimeField(verbose_name="drafted")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="submitted")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved")),
                ("release_at", models.DateTimeField(blank=True, null=True, verbose_name="to be released")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                ("completed_at", models.DateTimeField(blank=True, null=True, verbose_name="last delivery settled")),
                ("frozen_count", models.PositiveIntegerField(default=0, verbose_name="recipients frozen")),
                (
                    "author",
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
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="notifications.message",
                        verbose_name="corrects",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "permissions": [
                    ("write_message", "Can write and submit messages"),
                    ("approve_message", "Can approve messages of others"),
                    ("release_message", "Can release approved messages"),
                    ("approve_language", "Can approve a language of a message"),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "scheduled")), fields=["release_at"], name="scheduled_by_release"
                    ),
                    models.Index(condition=models.Q(("state", "sending")), fields=["state"], name="messages_sending"),
                ],
                "constraints": [models.UniqueConstraint(fields=("incident", "number"), name="one_message_per_number")],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name="MessageRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="revision")),
                ("content", models.JSONField(verbose_name="content")),
                ("sha256", models.CharField(max_length=64, verbose_name="digest")),
                ("created_at", models.DateTimeField(verbose_name="written")),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
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
                        verbose_name="fact sheet",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="notifications.message",
                        verbose_name="message",
                    ),
                ),
            ],
            options={
                "verbose_name": "message revision",
                "verbose_name_plural": "message revisions",
                "constraints": [models.UniqueConstraint(fields=("message", "number"), name="one_revision_per_number")],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="current",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="notifications.messagerevision",
                verbose_name="current revision",
            ),
        ),
        migrations.CreateModel(
            name="EmergencyApproval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(verbose_name="reason")),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                ("judged_at", models.DateTimeField(blank=True, null=True, verbose_name="judged")),
                ("judgement", models.TextField(blank=True, verbose_name="what the review found")),
                (
                    "judged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="judged by",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="opened by",
                    ),
                ),
                (
                    "revision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergency",
                        to="notifications.messagerevision",
                        verbose_name="revision",
                    ),
                ),
            ],
            options={
                "verbose_name": "emergency approval",
                "verbose_name_plural": "emergency approvals",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="emergency_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("judged_at", None), ("judged_by", None), ("judgement", "")),
                            models.Q(
                                ("judged_at__isnull", False),
                                ("judged_by__isnull", False),
                                models.Q(("judgement", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="emergency_judged_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("judged_by", None),
                            models.Q(("judged_by", models.F("opened_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="emergency_judged_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="reference")),
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
                    "tier",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Tier 1 (high)"), (2, "Tier 2 (medium)"), (3, "Tier 3 (general)")],
                        verbose_name="tier",
                    ),
                ),
                ("language", models.CharField(max_length=2, verbose_name="language")),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("address", models.CharField(blank=True, max_length=320, verbose_name="address")),
                ("personal", models.JSONField(default=dict, verbose_name="personal values")),
                ("priority", models.PositiveSmallIntegerField(default=5, verbose_name="priority")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("sending", "Sending"),
                            ("accepted", "Accepted"),
                            ("delivered", "Delivered"),
                            ("acknowledged", "Acknowledged"),
                            ("retry", "Waiting to be tried again"),
                            ("failed", "Failed"),
                            ("uncertain", "Uncertain"),
                            ("suppressed", "Suppressed"),
                            ("superseded", "Superseded"),
                            ("expired", "Expired"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "failure_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "None"),
                            ("no_address", "No address"),
                            ("invalid_address", "Invalid address"),
                            ("mailbox_unknown", "Mailbox unknown"),
                            ("mailbox_full", "Mailbox full"),
                            ("rejected", "Rejected by the receiving side"),
                            ("temporary", "Temporary failure"),
                            ("connection", "No connection"),
                            ("unknown_outcome", "The receiving side may or may not have it"),
                            ("suppressed", "On the suppression list"),
                            ("stopped", "Stopped"),
                            ("late", "Too late: newer word exists"),
                            ("bounced", "Bounced after acceptance"),
                            ("complained", "Marked as unwanted"),
                            ("excluded", "Left out, with a reason"),
                            ("duplicate", "Told through another customer's copy"),
                            ("exercise", "Exercise: customers are not written to"),
                            ("no_consent", "Written to for a legal duty alone"),
                            ("unrenderable", "Could not be written for this customer"),
                            ("combined", "Told by the update of a linked incident"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                (
                    "failure_detail",
                    models.CharField(blank=True, max_length=300, verbose_name="what the receiving side said"),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("next_attempt_at", models.DateTimeField(verbose_name="next attempt")),
                ("lease_owner", models.CharField(blank=True, max_length=80, verbose_name="claimed by")),
                ("lease_until", models.DateTimeField(blank=True, null=True, verbose_name="claimed until")),
                ("created_at", models.DateTimeField(verbose_name="frozen")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="accepted")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled")),
                ("provider_id", models.CharField(blank=True, max_length=200, verbose_name="receiving side's id")),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="page opened by the customer")),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="incidents.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "through",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The customer whose copy of the same message serves this one too.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.customer",
                        verbose_name="told through",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="notifications.message",
                        verbose_name="message",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="notifications.messagerevision",
                        verbose_name="revision",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["queued", "retry"])),
                        fields=["message", "priority", "next_attempt_at", "id"],
                        name="deliveries_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("status", "sending")), fields=["lease_until"], name="deliveries_in_flight"
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ["failed", "uncertain"])),
                        fields=["message"],
                        name="deliveries_needing_people",
                    ),
                    models.Index(fields=["customer", "incident"], name="deliveries_of_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("message", "customer", "channel"), name="one_delivery_per_channel"),
                    models.UniqueConstraint(fields=("reference",), name="delivery_reference_is_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalRequirement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("any_of", models.JSONField(verbose_name="one of these roles")),
                ("deputy_from", models.DateTimeField(blank=True, null=True, verbose_name="deputy may approve from")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requirements",
                        to="notifications.messagerevision",
                        verbose_name="revision",
                    ),
                ),
            ],
            options={
                "verbose_name": "required approval",
                "verbose_name_plural": "required approvals",
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, verbose_name="digest")),
                ("role", models.CharField(max_length=24, verbose_name="role")),
                (
                    "basis",
                    models.CharField(
                        blank=True,
                        help_text="Names the standing approval, if it was given beforehand.",
                        max_length=200,
                        verbose_name="basis",
                    ),
                ),
                ("is_deputy", models.BooleanField(default=False, verbose_name="as deputy")),
                ("approved_at", models.DateTimeField(verbose_name="approved")),
                (
                    "approver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approver",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="notifications.messagerevision",
                        verbose_name="revision",
                    ),
                ),
            ],
            options={
                "verbose_name": "approval",
                "verbose_name_plural": "approvals",
                "constraints": [models.UniqueConstraint(fields=("revision", "role"), name="one_approval_per_role")],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=24, verbose_name="role")),
                ("reason", models.TextField(verbose_name="reason")),
                ("raised_at", models.DateTimeField(verbose_name="raised")),
                (
                    "end",
                    models.CharField(
                        blank=True,
                        choices=[("withdrawn", "Withdrawn"), ("overruled", "Overruled")],
                        max_length=10,
                        verbose_name="how it ended",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("end_reason", models.TextField(blank=True, verbose_name="why it ended")),
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
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="notifications.message",
                        verbose_name="message",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="objected by",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="notifications.messagerevision",
                        verbose_name="revision",
                    ),
                ),
            ],
            options={
                "verbose_name": "strong objection",
                "verbose_name_plural": "strong objections",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="objection_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end", ""), ("end_reason", ""), ("ended_at", None), ("ended_by", None)),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                                models.Q(("end", ""), _negated=True),
                                models.Q(("end_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="objection_ends_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end", "withdrawn"), _negated=True),
                            ("ended_by", models.F("raised_by")),
                            _connector="OR",
                        ),
                        name="objection_withdrawn_by_its_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end", "overruled"), _negated=True),
                            models.Q(("ended_by", models.F("raised_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="objection_overruled_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PagePost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("holding_statement", "Holding statement"),
                            ("first_notice", "First notice"),
                            ("progress_update", "Progress update"),
                            ("correction", "Correction"),
                            ("resolution", "Resolution notice"),
                            ("last_word", "Last word after a false alarm"),
                            ("follow_up_survey", "Follow-up and survey"),
                            ("party_notice", "Text for another audience"),
                            ("press_release", "Press release"),
                            ("social_post", "Social media post"),
                        ],
                        max_length=24,
                        verbose_name="kind",
                    ),
                ),
                ("incident_title", models.JSONField(default=dict, verbose_name="incident's public title")),
                ("texts", models.JSONField(verbose_name="texts")),
                (
                    "status",
                    models.CharField(
                        default="investigating",
                        help_text="investigating, identified, monitoring, resolved",
                        max_length=14,
                        verbose_name="public status",
                    ),
                ),
                ("impact", models.CharField(default="minor", max_length=10, verbose_name="public impact")),
                ("next_update_at", models.DateTimeField(blank=True, null=True, verbose_name="next update")),
                ("published_at", models.DateTimeField(verbose_name="published")),
                ("superseded_at", models.DateTimeField(blank=True, null=True, verbose_name="corrected")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="page_posts",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="page_post",
                        to="notifications.message",
                        verbose_name="message",
                    ),
                ),
                (
                    "repeats",
                    models.ForeignKey(
                        blank=True,
                        help_text="the notice that said the same at the same time to another tier; the page shows it once",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repeated_by",
                        to="notifications.pagepost",
                        verbose_name="repeats",
                    ),
                ),
            ],
            options={
                "verbose_name": "public notice",
                "verbose_name_plural": "public notices",
                "indexes": [models.Index(fields=["incident", "-published_at"], name="notificatio_inciden_087d89_idx")],
            },
        ),
        migrations.CreateModel(
            name="ProviderEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=20, verbose_name="channel")),
                ("event_id", models.CharField(max_length=120, verbose_name="event id")),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                ("delivery_reference", models.UUIDField(blank=True, null=True, verbose_name="delivery")),
                ("payload", models.JSONField(default=dict, verbose_name="payload")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("processed_at", models.DateTimeField(blank=True, null=True, verbose_name="worked off")),
            ],
            options={
                "verbose_name": "provider event",
                "verbose_name_plural": "provider events",
                "indexes": [
                    models.Index(
                        condition=models.Q(("processed_at", None)),
                        fields=["received_at"],
                        name="provider_events_waiting",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("channel", "event_id"), name="provider_event_once")],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
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
                ("address_hash", models.CharField(max_length=64, verbose_name="address digest")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("hard_bounce", "Hard bounce"),
                            ("complaint", "Complaint"),
                            ("unsubscribed", "Unsubscribed from updates"),
                            ("manual", "Set by staff"),
                        ],
                        max_length=14,
                        verbose_name="reason",
                    ),
                ),
                ("is_total", models.BooleanField(default=False, verbose_name="covers every message")),
                ("created_at", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "suppression",
                "verbose_name_plural": "suppressions",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "address_hash"), name="one_suppression_per_address")
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, unique=True, verbose_name="key")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "medium",
                    models.CharField(
                        choices=[("mail", "E-mail"), ("webhook", "Webhook")], max_length=8, verbose_name="medium"
                    ),
                ),
                (
                    "address",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="mailbox that belongs to no person here"
                    ),
                ),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("body", models.TextField(verbose_name="text")),
                ("data", models.JSONField(blank=True, default=dict, verbose_name="data")),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
                        default="queued",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("next_attempt_at", models.DateTimeField(verbose_name="next attempt")),
                ("lease_until", models.DateTimeField(blank=True, null=True, verbose_name="claimed until")),
                ("created_at", models.DateTimeField(verbose_name="raised")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                ("last_error", models.CharField(blank=True, max_length=300, verbose_name="last error")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="notifications.webhookendpoint",
                        verbose_name="webhook",
                    ),
                ),
            ],
            options={
                "verbose_name": "wake-up",
                "verbose_name_plural": "wake-ups",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["next_attempt_at"],
                        name="staff_notices_waiting",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LanguageApproval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("zh", "Chinese"), ("ru", "Russian")],
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("text_sha256", models.CharField(max_length=64, verbose_name="digest of the text")),
                ("source_sha256", models.CharField(max_length=64, verbose_name="digest of the source text")),
                ("is_native", models.BooleanField(default=False, verbose_name="by a native reader")),
                ("approved_at", models.DateTimeField(verbose_name="approved")),
                (
                    "approver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="language_approvals",
                        to="notifications.message",
                        verbose_name="message",
                    ),
                ),
            ],
            options={
                "verbose_name": "approved language",
                "verbose_name_plural": "approved languages",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("message", "language", "text_sha256", "source_sha256"),
                        name="one_approval_per_language_text",
                    )
                ],
            },
        ),
    ]
