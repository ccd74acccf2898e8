"""Puts the guards of exclusions into the database."""

from django.db import migrations

from incidents import sql


class Migration(migrations.Migration):
    dependencies = [("incidents", "0008_audience")]

    operations = [migrations.RunSQL(sql.read(__file__, "audience"), migrations.RunSQL.noop)]
