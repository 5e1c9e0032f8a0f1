"""What every operation works with."""

from __future__ import annotations

from dataclasses import dataclass

from slipway.assets.measure import Quotas
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.compat.s3.access import Access, Identity
from slipway.compat.s3.call import Call
from slipway.compat.s3.errors import S3Error
from slipway.compat.s3.signature import Claim
from slipway.iam.types import Actor


@dataclass(frozen=True, slots=True)
class Service:
    db: Database
    storage: Storage
    access: Access
    quotas: Quotas
    region: str
    max_object_bytes: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature was right."""

    call: Call
    claim: Claim
    identity: Identity
    service: Service

    async def allowed(self, action: str, bucket: str | None = None) -> Actor:
        """The caller, who may do `action` in the (or another) bucket."""
        name = self.call.bucket if bucket is None else bucket
        return await self.service.access.actor_for(self.identity, name, action)

    def require_owner(self, owner: str | None) -> None:
        """`x-amz-expected-bucket-owner`: a guard against a name that changed hands."""
        if owner is not None and owner != self.identity.user_id:
            raise S3Error("AccessDenied", "The bucket does not belong to the expected owner.")
