"""Every table of the house, imported so that the mappers know each other."""

from app.core.db import Base
from app.access import models as _access
from app.billing import models as _billing
from app.campaigns import models as _campaigns
from app.collaborators import models as _collaborators
from app.communication import models as _communication
from app.contracts import models as _contracts
from app.customers import models as _customers
from app.hospitals import models as _hospitals
from app.mobile import models as _mobile
from app.pipeline import models as _pipeline
from app.products import models as _products
from app.settings import models as _settings
from app.system import models as _system
from app.work import models as _work

ALL = Base.metadata.tables
_BY_TABLE = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}
MODELS = {name: _BY_TABLE[name] for name in ALL}
