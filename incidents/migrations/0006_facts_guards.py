"""Puts the guards of facts and admissions into the database."""

from django.db import migrations

from incidents import sql


class Migration(migrations.Migration):
    dependencies = [("incidents", "0005_facts_and_languages")]

    operations = [migrations.RunSQL(sql.read(__file__, "facts"), migrations.RunSQL.noop)]
