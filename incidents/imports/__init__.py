"""Imports customers from CSV files and Excel workbooks: look at the file first, then run, as often as you like."""

from incidents.imports.importing import FileView, preview, run
from incidents.imports.report import Candidate, ImportRefused, LineError, Report

__all__ = ["Candidate", "FileView", "ImportRefused", "LineError", "Report", "preview", "run"]
