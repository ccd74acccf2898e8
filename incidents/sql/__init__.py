"""Reads the SQL files that migrations run, so that triggers can be read as SQL."""

from pathlib import Path


def read(app_file: str, name: str) -> str:
    """Return the text of `sql/<name>.sql` beside the migration `app_file` belongs to."""
    return (Path(app_file).parent.parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
