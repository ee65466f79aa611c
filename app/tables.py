"""Every table of the house: importing the models of all domains lets the mappings find each other."""

from sqlalchemy.orm import configure_mappers

from app.access import models as access
from app.batches import models as batches
from app.billing import models as billing
from app.campaigns import models as campaigns
from app.collaborators import models as collaborators
from app.communication import models as communication
from app.contracts import models as contracts
from app.core import idempotency, jobs, outbox, scope  # noqa: F401  # tables of their own, and the wall of countries
from app.core.db import Base
from app.customers import models as customers
from app.dashboards import models as dashboards
from app.hospitals import models as hospitals
from app.imports import models as imports
from app.mobile import models as mobile
from app.pipeline import (  # noqa: F401  # every door obeys them
    guard_activities,
    guard_automation,
    guard_deals,
    guard_pipelines,
)
from app.pipeline import models as pipeline
from app.products import models as products
from app.settings import models as settings
from app.system import models as system
from app.work import guard_tasks  # noqa: F401  # its listeners hold every door to the rules of tasks
from app.work import models as work

DOMAINS = (
    access,
    batches,
    billing,
    campaigns,
    collaborators,
    communication,
    contracts,
    customers,
    dashboards,
    hospitals,
    imports,
    mobile,
    pipeline,
    products,
    settings,
    system,
    work,
)

ALL = Base.metadata.tables
_BY_TABLE = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}
# Tables beyond the document have no generated screen: what they hold is shown by the page that needs it.
MODELS = {name: _BY_TABLE[name] for name, table in ALL.items() if "extension" not in table.info}


def configure() -> None:
    """Connect all mappings now instead of at the first query."""
    configure_mappers()
