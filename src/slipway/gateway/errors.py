"""Every refusal of the gateway, in the words of the door the caller came through.

A plain service answers `{"error": {"code": "service_stopped", "message": ...}}`. LLM calls get the
object that OpenAI clients understand, with the platform's own codes. The entry by model name
(`/v1/...`) also uses the platform's statuses, where a failed instance is a 500; a service's own
path says 502 or 504.
"""

from dataclasses import dataclass
from enum import Enum

import orjson

from slipway.gateway.kinds import Limit


class Door(Enum):
    """How the caller came in, which decides how a refusal looks."""

    PLAIN = "plain"  # the path of a service that is not an LLM
    LLM = "llm"  # the path of an LLM service
    MODEL = "model"  # /v1/..., by model name


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table. `status` on a service's path, `model_status` at `/v1`."""

    name: str
    status: int
    code: str
    type: str
    model_status: int


def _fault(name: str, status: int, code: str, kind: str, model_status: int | None = None) -> Fault:
    return Fault(name, status, code, kind, model_status or status)


_KEY = "INCORRECT_API_KEY_PROVIDED"
_PARAM = "PARAM_ERROR"
_INVOKE = "INVOKE_MODEL_ERROR"

INVALID_KEY = _fault("invalid_key", 401, "500004", _KEY)
KEY_EXPIRED = _fault("key_expired", 401, "500004", _KEY)
KEY_DISABLED = _fault("key_disabled", 403, "500004", _KEY)
GROUP_DISABLED = _fault("group_disabled", 401, "500004", _KEY)
KEY_BANNED = _fault("key_banned", 429, "700003", "AK_BANNED")

BAD_REQUEST = _fault("bad_request", 400, "500002", _PARAM)
UNKNOWN_SERVICE = _fault("unknown_service", 404, "500002", _PARAM)
UNKNOWN_PATH = _fault("unknown_path", 404, "500002", _PARAM)
UNKNOWN_MODEL = _fault("unknown_model", 400, "500002", _PARAM)
METHOD_NOT_ALLOWED = _fault("method_not_allowed", 405, "500002", _PARAM)
REQUEST_TIMEOUT = _fault("request_timeout", 408, "500002", _PARAM)
BODY_TOO_LARGE = _fault("body_too_large", 413, "500002", _PARAM)
HEADERS_TOO_LARGE = _fault("headers_too_large", 431, "500002", _PARAM)

TOO_MANY_CONNECTIONS = _fault("too_many_connections", 429, "500002", _PARAM)

# What the audit says; the caller gets a polite sentence and this code.
AUDIT_FAILED = _fault("audit_failed", 400, "600001", "INVOKE_TEXT_AUDIT_ERROR")
AUDIT_TEXT = _fault("audit_not_passed", 400, "600002", "TEXT_AUDIT_NOT_PASS")
AUDIT_QUESTION = _fault("audit_question", 400, "600003", "TEXT_AUDIT_QUESTION_NOT_PASS")
AUDIT_ANSWER = _fault("audit_answer", 400, "600004", "TEXT_AUDIT_ANSWER_NOT_PASSED")

SERVICE_LIMIT = _fault("rate_limited", 429, "700004", "MODEL_RPM_RATELIMITING")
SERVICE_BUSY = _fault("too_many_concurrent", 429, "700004", "MODEL_RPM_RATELIMITING")

# An OpenAI client shows the code; these two say more than 500001 would.
SERVICE_STOPPED = _fault("service_stopped", 503, "service_stopped", _INVOKE)
NO_READY_INSTANCE = _fault("no_ready_instance", 503, "no_ready_instance", _INVOKE)
WAKE_QUEUE_FULL = _fault("too_many_waiting", 503, "too_many_waiting", _INVOKE)
INSTANCE_UNREACHABLE = _fault("instance_unreachable", 502, "500001", _INVOKE, 500)
NOT_JSON = _fault("answer_not_json", 502, "500001", _INVOKE, 500)
BAD_ANSWER = _fault("bad_upstream_answer", 502, "500001", _INVOKE, 500)
UPSTREAM_TIMEOUT = _fault("upstream_timeout", 504, "500001", _INVOKE, 500)
INTERNAL = _fault("internal_error", 500, "500003", "SYSTEM_ERROR")

ADDRESS_NOT_ALLOWED = _fault("address_not_allowed", 403, "500004", _KEY, 401)
FREE_USED_UP = _fault("free_trial_used_up", 429, "600005", "RESOURCES_TIPS")

KEY_LIMIT = {
    Limit.RPM: _fault("rpm", 429, "700001", "AK_RPM_RATELIMITING"),
    Limit.TPM: _fault("tpm", 429, "700002", "AK_TPM_RATELIMITING"),
    Limit.TPD: _fault("tpd", 429, "700002", "AK_TPM_RATELIMITING"),
    Limit.IPM: _fault("ipm", 429, "700006", "AK_IPM_RATELIMITING"),
    Limit.CONCURRENCY: _fault("concurrency", 429, "700001", "AK_RPM_RATELIMITING"),
    # A budget is tokens, or what they cost.
    Limit.TOKENS_MONTH: _fault("tokens_month", 429, "700002", "AK_TPM_RATELIMITING"),
    Limit.COST_DAY: _fault("cost_day", 429, "700002", "AK_TPM_RATELIMITING"),
    Limit.COST_MONTH: _fault("cost_month", 429, "700002", "AK_TPM_RATELIMITING"),
}
MODEL_LIMIT = {
    Limit.RPM: _fault("model_rpm", 429, "700004", "MODEL_RPM_RATELIMITING"),
    Limit.TPM: _fault("model_tpm", 429, "700005", "MODEL_TPM_RATELIMITING"),
    Limit.IPM: _fault("model_ipm", 429, "700007", "MODEL_IPM_RATELIMITING"),
}
# A service's own key speaks OpenAI's words for its limits, at every door.
SERVICE_KEY_LIMIT = {
    limit: _fault(limit.value, 429, limit.value, "rate_limit_exceeded") for limit in Limit
}


class Refused(Exception):
    """Ends a request with a fault of the table and a sentence for the caller."""

    def __init__(
        self, fault: Fault, message: str, *, param: str | None = None, retry_after_s: int = 0
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message
        self.param = param
        self.retry_after_s = retry_after_s

    def status(self, door: Door) -> int:
        return self.fault.model_status if door is Door.MODEL else self.fault.status

    def code(self, door: Door) -> str:
        """The code that the caller sees, and that statistics group by."""
        return self.fault.name if door is Door.PLAIN else self.fault.code

    def body(self, door: Door) -> bytes:
        if door is Door.PLAIN:
            return orjson.dumps({"error": {"code": self.fault.name, "message": self.message}})
        return orjson.dumps(
            {
                "error": {
                    "code": self.fault.code,
                    "type": self.fault.type,
                    "message": self.message,
                    "param": self.param,
                }
            }
        )
