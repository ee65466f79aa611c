"""A contract comes out of a deal: one draft, with the family, the products and the prices of the deal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ARRAY, Integer, Text, cast, func, or_, select, text

from app.billing.models import BillingDetails
from app.contracts.models import (
    ContractCategory,
    ContractCategoryDefaultTemplate,
    ContractInstance,
    ContractInstanceInitiatedFrom,
    ContractInstanceStatus,
    ContractTemplate,
    ContractTemplateStatus,
    ContractTemplateVersion,
)
from app.core.viewer import SYSTEM, Right, visible
from app.customers.models import Customer
from app.pipeline.errors import NotLikeThis, NotPossibleYet
from app.pipeline.models import Deal, DealProduct
from app.pipeline.rules.movement import day_of
from app.pipeline.services.moving import lock
from app.pipeline.services.taxing import Vat, vat_of
from app.screens import write
from app.screens.look import Look

CONTRACTS, LINES = "contract_instances", "contract_instance_products"
OVER = (ContractInstanceStatus.cancelled, ContractInstanceStatus.expired)
_MOST = 100


@dataclass(frozen=True)
class Ways:
    """What a contract of this deal could be made from: wordings and companies of its country, the likeliest first.

    `sure` says that there is nothing to choose.
    """

    templates: Sequence[ContractTemplate]
    companies: Sequence[BillingDetails]

    @property
    def sure(self) -> bool:
        return len(self.templates) == 1 and len(self.companies) == 1


def ways_of(look: Look, deal: Deal) -> Ways:
    """Raises NotPossibleYet for a deal that can have no contract, and says what to do about it."""
    session, viewer = look.session, look.viewer
    if deal.customer_id is None:
        raise NotPossibleYet(_("A contract needs a family. Choose the customer of the deal first."))
    country = _country(look, deal)
    if country is None:
        raise NotPossibleYet(_("A contract needs a country. Choose the country of the deal first."))
    usual = (
        select(ContractCategoryDefaultTemplate.id)
        .join(ContractCategory, ContractCategory.id == ContractCategoryDefaultTemplate.category_id)
        .where(
            ContractCategoryDefaultTemplate.template_id == ContractTemplate.id,
            ContractCategoryDefaultTemplate.country_code == country,
            ContractCategoryDefaultTemplate.is_active,
        )
        .exists()
    )
    templates = session.scalars(
        visible(ContractTemplate, viewer)
        .where(
            ContractTemplate.country_code == country,
            ContractTemplate.status == ContractTemplateStatus.published,
        )
        .order_by(usual.desc(), ContractTemplate.name, ContractTemplate.id)
        .limit(_MOST)
    ).all()
    if not templates:
        raise NotPossibleYet(
            _("There is no published contract template for %(country)s. Publish one first.", country=country)
        )
    codes = BillingDetails.country_codes.cast(ARRAY(Text)).op("@>")(cast([str(country)], ARRAY(Text)))
    at_home = BillingDetails.country_code == country
    companies = session.scalars(
        visible(BillingDetails, viewer)
        .where(BillingDetails.is_active, or_(at_home, codes))
        .order_by((at_home & BillingDetails.is_default).desc(), at_home.desc(), BillingDetails.id)
        .limit(_MOST)
    ).all()
    if not companies:
        raise NotPossibleYet(_("There is no billing company for %(country)s. Add one first.", country=country))
    home = [company for company in companies if company.is_default and company.country_code == country]
    return Ways(templates, home[:1] or companies)


def start(
    deals: Look, deal: Deal, *, template_id: str | None, company_id: str | None, now: datetime
) -> tuple[ContractInstance | None, bool]:
    """The contract of the deal, and whether it was made now: a deal has one, however often it is started.

    What has to be chosen is chosen by keys; None takes what is the only choice. The contract is None where there is
    one that this viewer may not know. Amounts are in the deal's currency; VAT comes from the dated rates of the
    products (`taxing`), and where it is not known the internal notes of the draft say why.

    Raises NotPossibleYet, NotLikeThis, Forbidden, ForeignCountry, Unprocessable.
    """
    look = deals.at(CONTRACTS)
    session = look.session
    lock(session, deal)
    if deal.contract_instance_id is not None:
        known = visible(ContractInstance, look.viewer).where(ContractInstance.id == deal.contract_instance_id)
        there = session.scalars(known).one_or_none()
        if there is None or there.status not in OVER:
            return there, False
    ways = ways_of(look, deal)
    template = _chosen(ways.templates, template_id, "template_id", _("Choose a contract template."))
    company = _chosen(ways.companies, company_id, "billing_details_id", _("Choose a billing company."))
    lines = session.scalars(
        visible(DealProduct, look.viewer).where(DealProduct.deal_id == deal.id)
        .order_by(DealProduct.created_at, DealProduct.id)
    ).all()  # fmt: skip
    total = sum((_net(line) for line in lines), Decimal()) if lines else deal.value
    day = day_of(deal, now)
    vat = vat_of(look, lines, country=str(template.country_code), company_id=company.id, day=day)
    tax = _tax(vat, lines)
    must = {
        "contract_number": _number(look, day.year),
        "template_id": template.id,
        "customer_id": deal.customer_id,
        "billing_details_id": company.id,
    }
    more = {
        "template_version_id": _version(look, template),
        "currency": (deal.currency or "EUR")[:3],
        "initiated_from": ContractInstanceInitiatedFrom.direct,
        "created_by": look.viewer.user_id,
        "total_net_amount": total,
        "total_vat_amount": tax,
        "total_gross_amount": None if tax is None or total is None else total + tax,
        "internal_notes": "\n".join(vat.missing) or None,
    }
    contract: ContractInstance = write.add(
        session, look.screens, look.screen, look.viewer, {**must, **_allowed(look, more)}
    )
    _add_lines(deals, contract, lines, vat)
    write.change(
        session, deals.screens, deals.screen, deals.viewer, deal, {"contract_instance_id": contract.id}, None
    )  # fmt: skip
    return contract, True


def _add_lines(deals: Look, contract: ContractInstance, lines: Iterable[DealProduct], vat: Vat) -> None:
    look = deals.at(LINES)
    if look.screen.right(look.viewer, "contract_id") is not Right.editable:
        return
    for place, line in enumerate(lines, start=1):
        tax, gross = vat.of(line.product_id, _net(line)) or (None, None)
        values = {
            "product_id": line.product_id,
            "quantity": line.quantity,
            "unit_price": line.price,
            "discount_amount": line.discount,
            "vat_rate": vat.rates.get(line.product_id),
            "line_net_amount": _net(line),
            "line_vat_amount": tax,
            "line_gross_amount": gross,
            "sort_order": place,
        }
        row = {"contract_id": contract.id, **_allowed(look, values)}
        write.make(look.session, look.screens, look.screen, look.viewer, row)
    write.flush(look.session, look.screens, look.screen)


def _tax(vat: Vat, lines: Sequence[DealProduct]) -> Decimal | None:
    """VAT on all lines; None where that of one is not known."""
    known = [tax for line in lines if (tax := vat.of(line.product_id, _net(line))) is not None]
    return sum((tax for tax, _gross in known), Decimal()) if lines and len(known) == len(lines) else None


def _net(line: DealProduct) -> Decimal:
    return max((line.price or Decimal()) * line.quantity - (line.discount or Decimal()), Decimal())


def _allowed(look: Look, values: Mapping[str, Any]) -> dict[str, Any]:
    """What need not be filled in is left out where this viewer may not write it."""
    may = {attribute for f in write.writable(look.screen, look.viewer) for attribute in f.attributes}
    return {name: value for name, value in values.items() if name in may and value is not None}


def _chosen(offered: Sequence[Any], key: str | None, field: str, sentence: str) -> Any:
    """Raises NotLikeThis where nothing was chosen, or what is not offered."""
    if not key and len(offered) == 1:
        return offered[0]
    found = next((one for one in offered if one.id == key), None)
    if found is None:
        raise NotLikeThis(field, sentence)
    return found


def _version(look: Look, template: ContractTemplate) -> int | None:
    """The version of the wording that new contracts of its category and country use, if there is one."""
    return look.session.scalar(
        visible(ContractTemplateVersion, look.viewer)
        .join(ContractCategory, ContractCategory.id == ContractTemplateVersion.category_id)
        .with_only_columns(ContractTemplateVersion.id)
        .where(
            ContractCategory.value == template.category,
            ContractTemplateVersion.country_code == template.country_code,
            ContractTemplateVersion.is_default,
        )
        .limit(1)
    )


def _country(look: Look, deal: Deal) -> Any:
    if deal.country_code is not None:
        return deal.country_code
    return look.session.scalar(
        visible(Customer, look.viewer).with_only_columns(Customer.country).where(Customer.id == deal.customer_id)
    )


_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('contract numbers of ' || :year, 0))")


def _number(look: Look, year: int) -> str:
    """The next number of the year, over all countries; who asks at the same time waits."""
    look.session.execute(_IN_TURN, {"year": str(year)})
    before = f"ZML-{year}-"
    count = func.max(cast(func.substr(ContractInstance.contract_number, len(before) + 1), Integer))
    asked = select(count).where(ContractInstance.contract_number.regexp_match(f"^{before}[0-9]{{1,9}}$"))
    last = look.session.scalar(asked, execution_options={"viewer": SYSTEM})
    return f"{before}{(last or 0) + 1:05}"
