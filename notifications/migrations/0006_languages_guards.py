"""Puts the guards of approved languages into the database."""

from django.db import migrations

from incidents import sql


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_languages")]

    operations = [migrations.RunSQL(sql.read(__file__, "languages"), migrations.RunSQL.noop)]
