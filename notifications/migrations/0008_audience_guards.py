"""Puts the guards of whom the outbox may write to into the database."""

from django.db import migrations

from incidents import sql


class Migration(migrations.Migration):
    dependencies = [("notifications", "0007_audience"), ("incidents", "0009_audience_guards")]

    operations = [migrations.RunSQL(sql.read(__file__, "audience"), migrations.RunSQL.noop)]
