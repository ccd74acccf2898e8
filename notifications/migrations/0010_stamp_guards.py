"""Puts the guards of stamps, objections and emergencies into the database."""

from django.db import migrations

from incidents import sql


class Migration(migrations.Migration):
    dependencies = [("notifications", "0009_stamps_and_rhythm")]

    operations = [migrations.RunSQL(sql.read(__file__, "stamps"), migrations.RunSQL.noop)]
