"""Puts the guard of costs into the database."""

from django.db import migrations

from incidents import sql


class Migration(migrations.Migration):
    dependencies = [("incidents", "0005_what_it_cost_and_who_stayed")]

    operations = [migrations.RunSQL(sql.read(__file__, "costs"), migrations.RunSQL.noop)]
