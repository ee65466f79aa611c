"""What a deal is connected with: the family, the campaign it came from, the contract that came out of it."""

from __future__ import annotations

from dataclasses import dataclass

from app.contracts.models import ContractInstance
from app.core.viewer import visible
from app.customers.models import Customer
from app.pipeline.deal.forms import fills, writes
from app.pipeline.models import Deal
from app.pipeline.services.contracting import CONTRACTS, OVER
from app.screens import address, query
from app.screens.cells import cell_of
from app.screens.look import Look
from app.screens.page import Cell, Link


@dataclass(frozen=True)
class Linked:
    """`contacts` are telephone numbers and e-mail addresses of the family; `starts` offers a contract to be started."""

    customer: Link | None
    contacts: tuple[Cell, ...]
    campaign: Link | None
    contract: Link | None
    contract_status: Cell | None
    starts: bool

    @property
    def empty(self) -> bool:
        return not (self.customer or self.campaign or self.contract or self.starts)


def links_of(deals: Look, deal: Deal, *, may_change: bool) -> Linked:
    """Three statements at most: the names, how to reach the family, and how far the contract is."""
    wanted = [(name, table, getattr(deal, name)) for name, table in _TARGETS.items() if deals.reads(name)]
    wanted = [(name, table, key) for name, table, key in wanted if key]
    names = query.names_in(
        deals.session, deals.screens, deals.viewer, [((table,), key) for _name, table, key in wanted]
    )
    found = {
        name: Link(text, f"{deals.links[table]}{key}" if table in deals.links else None, deals.screens[table].icon)
        for (name, table, key), text in zip(wanted, names, strict=True)
        if text
    }
    status, over = _contract(deals, deal) if "contract_instance_id" in found else (None, False)
    free = deal.contract_instance_id is None or over
    return Linked(
        customer=found.get("customer_id"),
        contacts=_contacts(deals, deal) if "customer_id" in found else (),
        campaign=found.get("campaign_id"),
        contract=found.get("contract_instance_id"),
        contract_status=status,
        starts=free and may_change and starts(deals),
    )


_TARGETS = {"customer_id": "customers", "campaign_id": "campaigns", "contract_instance_id": CONTRACTS}


def starts(deals: Look) -> bool:
    """Whether this viewer may start contracts from deals."""
    contracts = deals.at(CONTRACTS)
    must = ("contract_number", "template_id", "customer_id", "billing_details_id")
    return writes(deals, "contract_instance_id") and fills(contracts, *must)


def _contacts(deals: Look, deal: Deal) -> tuple[Cell, ...]:
    look = deals.at("customers")
    fields = [look.screen.fields[name] for name in ("phone", "mobile", "email") if look.reads(name)]
    if not fields or not look.viewer.sees(look.screen.module):
        return ()
    columns = [getattr(Customer, f.attribute) for f in fields]
    asked = visible(Customer, look.viewer).with_only_columns(*columns).where(Customer.id == deal.customer_id)
    row = look.session.execute(asked).one_or_none()
    if row is None:
        return ()
    values = dict(zip((f.name for f in fields), row, strict=True))
    cells = (cell_of(values, f, short=False, links={}) for f in fields)
    return tuple({cell.text: cell for cell in cells if cell.text}.values())  # often both numbers are the same


def _contract(deals: Look, deal: Deal) -> tuple[Cell | None, bool]:
    """Its status as a badge, and whether it is over without having come about."""
    look = deals.at(CONTRACTS)
    if not look.viewer.sees(look.screen.module) or not look.reads("status"):
        return None, False
    asked = visible(ContractInstance, look.viewer).with_only_columns(ContractInstance.status)
    status = look.session.scalar(asked.where(ContractInstance.id == deal.contract_instance_id))
    if status is None:
        return None, False
    return cell_of({"status": status}, look.screen.fields["status"], short=True, links={}), status in OVER


def contract_href(key: str) -> str:
    return address.show_href(CONTRACTS, key)
