"""What a bucket answers about features that are not kept here.

Clients ask for them on their way to something else; they expect "not configured" in the words of
each feature, not an error that stops them. Setting one is refused: nothing would come of it.
"""

from __future__ import annotations

from slipway.compat.s3.call import Reply
from slipway.compat.s3.errors import S3Error
from slipway.compat.s3.service import Signed
from slipway.compat.s3.writing import check_acl, xml_reply
from slipway.compat.s3.xml import document, group, tag

_EMPTY = {
    "accelerate": "AccelerateConfiguration", "logging": "BucketLoggingStatus",
    "notification": "NotificationConfiguration", "versioning": "VersioningConfiguration",
}  # fmt: skip
_ABSENT = {
    "cors": "NoSuchCORSConfiguration", "lifecycle": "NoSuchLifecycleConfiguration",
    "policy": "NoSuchBucketPolicy", "policyStatus": "NoSuchBucketPolicy",
    "encryption": "ServerSideEncryptionConfigurationNotFoundError",
    "object-lock": "ObjectLockConfigurationNotFoundError",
    "ownershipControls": "OwnershipControlsNotFoundError",
    "publicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "replication": "ReplicationConfigurationNotFoundError", "tagging": "NoSuchTagSet",
    "website": "NoSuchWebsiteConfiguration", "retention": "NoSuchObjectLockConfiguration",
    "legal-hold": "NoSuchObjectLockConfiguration",
}  # fmt: skip
NAMES = {
    *_EMPTY, *_ABSENT, "acl", "requestPayment", "analytics", "intelligent-tiering", "inventory",
    "metrics", "torrent", "restore", "select",
}  # fmt: skip


async def answer(signed: Signed, name: str) -> Reply:
    call = signed.call
    action = "storage:object:get" if call.key else "storage:object:list"
    await signed.allowed(action if call.method in ("GET", "HEAD") else "storage:object:update")
    if call.method == "GET":
        return _read(signed, name)
    if call.method == "DELETE" and name in _ABSENT:
        return Reply(204)  # what is not there is gone
    if call.method == "PUT" and name == "acl" and call.header("x-amz-acl") is not None:
        check_acl(call.header("x-amz-acl"))
        return Reply()
    raise S3Error("NotImplemented", f"{name} cannot be set here.")


def _read(signed: Signed, name: str) -> Reply:
    if name in _EMPTY:
        return xml_reply(document(_EMPTY[name], []))
    if name in _ABSENT:
        raise S3Error(_ABSENT[name], f"The bucket has no {name} configuration.", status=404)
    if name == "acl":
        return xml_reply(document("AccessControlPolicy", _acl(signed.identity.user_id)))
    if name == "requestPayment":
        return xml_reply(document("RequestPaymentConfiguration", [tag("Payer", "BucketOwner")]))
    raise S3Error("NotImplemented", f"{name} is not kept here.")


def _acl(user_id: str) -> list[str]:
    person = tag("ID", user_id) + tag("DisplayName", user_id)
    grantee = (
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">'
        f"{person}</Grantee>"
    )
    grant = group("Grant", [grantee, tag("Permission", "FULL_CONTROL")])
    return [group("Owner", [person]), group("AccessControlList", [grant])]
