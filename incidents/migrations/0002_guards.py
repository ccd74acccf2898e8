"""Puts the guards of this app into the database."""

from django.db import migrations

from incidents import sql


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]

    operations = [
        migrations.RunSQL(sql.read(__file__, name), migrations.RunSQL.noop) for name in ("guards", "facts", "audience")
    ]
