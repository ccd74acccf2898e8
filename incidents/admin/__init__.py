"""The pages of the incident side: what every page shares is in `base`, how people start something in `doors`."""

from incidents.admin import (
    api_token,
    audit,
    chat,
    commitment,
    company,
    customer,
    customer_file,
    hotline,
    roster,
    segment,
    signal,
    user,
)

__all__ = [
    "api_token",
    "audit",
    "chat",
    "commitment",
    "company",
    "customer",
    "customer_file",
    "hotline",
    "roster",
    "segment",
    "signal",
    "user",
]
