"""The one query that says who gets a message, by which way, in which words' language, and who does not and why.

Freezing inserts what it finds and a forecast counts it, so that what was shown before an approval is what happens.
"""

from typing import Any

from django.db.models import Q, QuerySet

from incidents import customers, duties
from incidents.enums import ContactKind
from incidents.impacts import PROTECTED
from incidents.models import Company, Customer, Exclusion, Impact
from notifications import channels
from notifications.enums import MessageKind, OncePer
from notifications.models import Message
from notifications.suppressions import IS_SUPPRESSED_SQL

# One address has one reader: two copies of one text are noise. Accounts differ, so that is for the plan to say.
DEFAULT_ONCE_PER = (OncePer.ADDRESS,)


def shared_by(message: Message) -> frozenset[str]:
    """Return what two customers must share for one copy to serve both; nothing where everybody is owed a word."""
    if duties.of(message.incident) & duties.TO_EVERYBODY:
        return frozenset()
    return frozenset(message.audience.get("once_per", DEFAULT_ONCE_PER))


def left_out(message: Message) -> QuerySet[Customer]:
    """Return the customers that the incident or this message leaves out; who must hear is never among them."""
    if duties.of(message.incident) & duties.TO_EVERYBODY:
        return Customer.objects.none()
    open_ones = Exclusion.objects.filter(incident=message.incident_id, lifted_at=None)
    chosen = Q(pk__in=open_ones.values("customer"))
    for one in message.audience.get("excluding", []):
        chosen |= Q(pk__in=customers.matching(one["filter"]).order_by().values("pk"))
    harmed = Impact.objects.filter(incident=message.incident_id, harm__in=PROTECTED)
    return Customer.objects.filter(chosen).exclude(pk__in=harmed.values("customer"))


def values(message: Message) -> dict[str, Any]:
    """Return the parameters of the query, apart from those of its audience."""
    incident = message.incident
    company = Company.objects.first() if incident.is_drill else None
    return {
        "incident": incident.pk,
        "owes_everybody": bool(duties.of(incident) & duties.TO_EVERYBODY),
        "is_drill": incident.is_drill,
        "test_recipients": company.test_recipients if company else [],
        "kind": message.kind,
        "mail": channels.addressed_by(ContactKind.EMAIL),
        "is_update": message.kind == MessageKind.PROGRESS_UPDATE,
    }


def query(*, audience: str, excluded: str, shared: frozenset[str], is_counting: bool) -> str:
    """Return the WITH clause that ends in `settled`; a count also sees customers whom no mail is for."""
    heads = _ACCOUNT_HEADS if OncePer.ACCOUNT in shared else _OWN_HEADS
    servers = _ADDRESS_SERVERS if OncePer.ADDRESS in shared else _HEAD_SERVERS
    return (
        _QUERY.replace("__AUDIENCE__", audience)
        .replace("__EXCLUDED__", excluded)
        .replace("__HEADS__", heads)
        .replace("__SERVERS__", servers)
        .replace("__KEPT__", "" if is_counting else "WHERE w.way IS NOT NULL")
    )


# Who shares an account: the highest tier's copy, the longest known customer's among equals.
_OWN_HEADS = "h.customer_id AS head, h.address AS head_address"
_BY_ACCOUNT = """(PARTITION BY CASE WHEN h.may_share AND h.account_key <> '' THEN h.account_key
            ELSE '#' || h.customer_id END ORDER BY h.tier, h.customer_id)"""
_ACCOUNT_HEADS = f"""first_value(h.customer_id) OVER {_BY_ACCOUNT} AS head,
        first_value(h.address) OVER {_BY_ACCOUNT} AS head_address"""
_HEAD_SERVERS = "s.head AS server"
_ADDRESS_SERVERS = """first_value(s.customer_id) OVER (
            PARTITION BY CASE WHEN s.may_share THEN s.head_address ELSE '#' || s.customer_id END
            ORDER BY s.head <> s.customer_id, s.tier, s.customer_id) AS server"""

_QUERY = f"""
WITH audience (customer_id, tier, channel) AS (__AUDIENCE__),
excluded (customer_id) AS (
    SELECT customer_id FROM incidents_exclusion WHERE incident_id = %(incident)s AND lifted_at IS NULL __EXCLUDED__),
once AS (
    SELECT DISTINCT ON (a.customer_id)
        a.customer_id, coalesce(i.tier, a.tier, 3) AS tier, a.channel, i.affected_items, i.harm,
        coalesce(i.harm IN ('safety', 'legal_right'), false) OR %(owes_everybody)s AS must_hear
    FROM audience a
    LEFT JOIN incidents_impact i ON i.incident_id = %(incident)s AND i.customer_id = a.customer_id
    ORDER BY a.customer_id, a.channel NULLS LAST
),
placed AS (
    SELECT o.*, c.name, c.salutation, c.language, c.time_zone, c.is_active, c.account_key, c.consent_basis,
        p.normalised AS address,
        coalesce(
            %(matrix)s::jsonb ->> o.tier::text,
            o.channel,
            CASE WHEN %(is_update)s AND c.preferred_channel = ANY(%(mail)s) THEN c.preferred_channel END
        ) AS way,
        CASE WHEN %(languages)s::jsonb ? c.language THEN c.language ELSE %(fallback)s END AS spoken,
        CASE WHEN o.tier < 3 THEN
            coalesce(nullif(btrim(CASE WHEN u.last_name ~ '[\u4e00-\u9fff]' THEN u.last_name || u.first_name
                ELSE concat_ws(' ', u.first_name, u.last_name) END), ''), u.username) END AS manager
    FROM once o
    JOIN incidents_customer c ON c.id = o.customer_id
    LEFT JOIN incidents_contactpoint p ON p.customer_id = c.id AND p.kind = 'email' AND p.is_primary
    LEFT JOIN incidents_user u ON u.id = c.account_manager_id
),
hindered AS (
    SELECT w.*, CASE
        WHEN NOT w.must_hear AND w.customer_id IN (SELECT customer_id FROM excluded) THEN 'excluded'
        WHEN w.address IS NULL THEN 'no_address'
        WHEN octet_length(w.address) <> char_length(w.address)
            OR w.address !~ '^[^@[:space:]<>,;:]+@[^@[:space:]<>,;:]+$' THEN 'invalid_address'
        WHEN NOT w.is_active OR {IS_SUPPRESSED_SQL.format(address="w.address", kind="%(kind)s")} THEN 'suppressed'
        WHEN %(kind)s = 'follow_up_survey' AND w.consent_basis = 'legal_duty' THEN 'no_consent'
        ELSE ''
    END AS hindrance
    FROM placed w __KEPT__
),
sharing AS (
    SELECT n.*, n.hindrance = '' AND NOT n.must_hear AND n.way IS NOT NULL AS may_share FROM hindered n
),
headed AS (SELECT h.*, __HEADS__ FROM sharing h),
served AS (SELECT s.*, __SERVERS__ FROM headed s),
others AS (
    SELECT server, string_agg(DISTINCT nullif(btrim(affected_items), ''), '; ') AS items
    FROM served WHERE server <> customer_id GROUP BY server
),
judged AS (
    SELECT s.*, o.items AS other_items,
        CASE WHEN s.server <> s.customer_id THEN 'duplicate' ELSE s.hindrance END AS verdict,
        CASE WHEN %(is_drill)s THEN row_number() OVER (
            PARTITION BY s.tier, s.spoken, s.hindrance = '' AND s.server = s.customer_id ORDER BY s.customer_id
        ) END AS turn
    FROM served s LEFT JOIN others o ON o.server = s.customer_id
),
settled AS (
    -- An exercise writes to its test recipients alone, once for each tier and language; customers' addresses stay out.
    SELECT j.*,
        CASE WHEN NOT %(is_drill)s THEN coalesce(j.address, '')
             WHEN j.verdict = '' THEN coalesce((%(test_recipients)s::text[])[j.turn], '') ELSE '' END AS recipient,
        CASE WHEN %(is_drill)s AND j.verdict = '' AND j.turn > coalesce(cardinality(%(test_recipients)s::text[]), 0)
             THEN 'exercise' ELSE j.verdict END AS outcome
    FROM judged j
)"""
