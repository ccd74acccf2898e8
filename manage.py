#!/usr/bin/env python
"""Every command; with an empty environment it brings PostgreSQL and Valkey along for as long as it runs."""

import os
import sys
from contextlib import nullcontext

WITHOUT_DATABASE = {
    "check",
    "check_message",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "graph_phases",
    "help",
    "makemessages",
    "startapp",
    "startproject",
    "version",
}
# They create or drop tables and databases; every other command works with the rights of the web server.
AS_OWNER = {
    "bench_send",
    "flush",
    "inspectdb",
    "makemigrations",
    "migrate",
    "optimizemigration",
    "showmigrations",
    "sqlflush",
    "sqlmigrate",
    "squashmigrations",
    "test",
}


def needs_database(arguments: list[str]) -> bool:
    asks_for_help = not arguments or bool({"-h", "--help", "--version"} & set(arguments))
    return not asks_for_help and arguments[0] not in WITHOUT_DATABASE


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crisiscomm.settings")
    if arguments and arguments[0] in AS_OWNER:
        os.environ.setdefault("CRISISCOMM_DB_ROLE", "owner")
    if arguments[:1] == ["demo"] and needs_database(arguments):
        from crisiscomm.demo import environment

        environment.prepare(arguments[1:])
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from crisiscomm import embedded

    try:
        is_local = settings.EMBEDDED and needs_database(arguments)
        servers = (
            embedded.attach_or_start(settings.DATA_DIR, postgres_binaries=settings.PG_BIN_DIR)
            if is_local
            else nullcontext()
        )
    except (ImproperlyConfigured, embedded.EmbeddedError) as error:
        sys.exit(str(error))
    with servers:
        execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
