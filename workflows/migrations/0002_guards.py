"""Puts the guards of this app into the database."""

from django.db import migrations

from incidents import sql


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_guards"), ("workflows", "0001_initial")]

    operations = [migrations.RunSQL(sql.read(__file__, "drills"), migrations.RunSQL.noop)]
