"""Puts the guards of this app into the database."""

from django.db import migrations

from incidents import sql


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial"), ("incidents", "0002_guards")]

    operations = [migrations.RunSQL(sql.read(__file__, "guards"), migrations.RunSQL.noop)]
