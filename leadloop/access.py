"""Who may be let into the loop over HTTP, as settings and keys say it: roles, and who signs in elsewhere."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody is to leadloop; what each may do is one table in `serving.access`."""

    service = "service"
    sales = "sales"
    marketing = "marketing"
    operations = "operations"
    admin = "admin"
