"""Short lists that other records choose from: insurers, laboratories, departments, types."""

from __future__ import annotations

from app.demo.access import DOMAIN
from app.demo.world import World, row_id
from app.settings.models import (
    ComplaintType,
    CooperationType,
    Department,
    HealthInsuranceCompany,
    Laboratory,
    VipStatus,
)

INSURERS = (
    ("SK", "24", "Dôvera zdravotná poisťovňa"),
    ("SK", "25", "Všeobecná zdravotná poisťovňa"),
    ("SK", "27", "Union zdravotná poisťovňa"),
    ("CZ", "111", "Všeobecná zdravotní pojišťovna"),
    ("CZ", "201", "Vojenská zdravotní pojišťovna"),
    ("CZ", "207", "Oborová zdravotní pojišťovna"),
    ("HU", "NEAK", "Nemzeti Egészségbiztosítási Alapkezelő"),
    ("RO", "CNAS", "Casa Națională de Asigurări de Sănătate"),
    ("IT", "SSN", "Servizio Sanitario Nazionale"),
    ("DE", "TK", "Techniker Krankenkasse"),
    ("DE", "AOK", "AOK – Die Gesundheitskasse"),
    ("DE", "BEK", "Barmer"),
    ("US", "EHP", "Example Health Plan"),
    ("US", "LMC", "Lakeside Mutual Care"),
    ("CH", "CSS", "CSS Versicherung"),
    ("CH", "HEL", "Helsana"),
)
LABORATORIES = (
    ("SK", "Laboratórium INDEXUS Bratislava"),
    ("CZ", "Laboratoř INDEXUS Brno"),
    ("HU", "INDEXUS Laboratórium Budapest"),
    ("RO", "Laborator INDEXUS Cluj"),
    ("IT", "Laboratorio INDEXUS Milano"),
    ("DE", "Labor INDEXUS Leipzig"),
    ("US", "INDEXUS Laboratory Boston"),
    ("CH", "Labor INDEXUS Zürich"),
)
COMPLAINTS = (
    (None, "Late delivery of the collection kit"),
    (None, "Unclear invoice"),
    (None, "Slow answer of our team"),
    (None, "Failed collection"),
    ("SK", "Nespokojnosť s prístupom personálu"),
    ("CZ", "Chyba ve smlouvě"),
)
COOPERATIONS = (
    (None, "Recommends us to friends"),
    (None, "Speaks at events"),
    (None, "Employee of a partner hospital"),
    ("SK", "Ambasádorka značky"),
    ("CZ", "Spolupráce s předporodním kurzem"),
)
VIPS = ((None, "Gold"), (None, "Silver"), (None, "Physician's family"), ("CH", "Premium Schweiz"))
DEPARTMENTS = (
    # key, parent, name, description, username of the contact
    ("group", None, "INDEXUS Group", "Management of all eight countries.", "manager"),
    ("sales", "group", "Sales", "Deals, hospitals and collaborators.", "manager"),
    ("sales_sk", "sales", "Sales Slovakia", "Field representatives in Slovakia.", "zuzana.kralova"),
    ("sales_cz", "sales", "Sales Czechia", "Field representatives in Czechia.", "tereza.novotna"),
    ("sales_eu", "sales", "Sales Europe", "Hungary, Romania, Italy, Germany, Switzerland.", "anna.schubert"),
    ("sales_us", "sales", "Sales USA", "Families and hospitals in the USA.", "emily.carter"),
    ("care", "group", "Customer care", "Everything families ask, write and call about.", "lucia.benkova"),
    ("calls", "care", "Call centre", "Outgoing campaigns and the customer line.", "operator.cz"),
    ("office", "group", "Back office", "Contracts, consents and records.", "clerk.sk"),
    ("finance", "group", "Finance", "Invoices, payments and rates.", "manager"),
    ("it", "group", "IT", "This system and its connections.", "admin"),
    ("medical", "group", "Medical department", "Laboratories and collection quality.", None),
)


def load(world: World) -> None:
    """Fill `world.insurers`, `world.laboratories` and `world.lookups`."""
    for country, code, name in INSURERS:
        key = f"{country}-{code}"
        found = world.add(HealthInsuranceCompany, key, name=name, code=code, country_code=country)
        world.insurers[country].append(found)
    for country, name in LABORATORIES:
        world.laboratories[country] = world.add(Laboratory, country, name=name, country_code=country)
    for model, rows in ((ComplaintType, COMPLAINTS), (CooperationType, COOPERATIONS), (VipStatus, VIPS)):
        for only, name in rows:
            found = world.add(model, name, name=name, country_code=only)
            for market in [only] if only else world.markets:
                world.lookups[f"{model.__tablename__}-{market}"].append(found)
    world.add(ComplaintType, "retired", name="Complaint by fax", country_code=None, is_active=False)
    by_name = {one.username: one for one in world.colleagues}
    for order, (key, parent, name, description, contact) in enumerate(DEPARTMENTS):
        who = by_name.get(contact or "")
        first, last = (who.name.split(" ")[0], who.name.split(" ")[-1]) if who else (None, None)
        world.add(
            Department,
            key,
            name=name,
            description=description,
            parent_id=row_id(Department, parent) if parent else None,
            sort_order=order,
            contact_first_name=first,
            contact_last_name=last,
            contact_email=who.email if who else f"medical@{DOMAIN}",
            contact_phone=who.phone if who else None,
        )
    world.flush()
