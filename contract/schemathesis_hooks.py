"""What schemathesis cannot know of this register."""

import os
import re
import uuid

import schemathesis
from hypothesis import strategies
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation

OWN_KEY = os.environ["SCHAKEL_KEY"].split("_")[1]

# Why a request that fits its schema may be refused: reasons that no schema can say.
BEYOND_SCHEMAS = {
    "checksum_failed",
    "citizen_service_number",
    "contradiction",
    "control_characters",  # said in words, for a pattern at each text would say it to no one
    "cycle",
    "duplicate",
    "ends_before_start",
    "read_only",
    "unknown_reference",
}
# Where the form of a text depends on another member or on an earlier answer. `If-Match` has a pattern, but schemathesis
# takes "0" for a text that fits it where it varies other parameters.
FORM_BEYOND_SCHEMAS = re.compile(
    r"query cursor|query identifier|header If-Match|body .*/contacts/\d+/value|body .*/identifiers/\d+/value"
)

# Which filters counts and searches take, and with which words, depends on the collections that are asked for.
OF_THE_COLLECTION = {"unknown_member", "unknown_parameter", "unknown_value", "invalid_format", "out_of_range"}

# Texts that a generator would hardly come upon; without them nearly every body would be refused.
schemathesis.openapi.format(
    "reference", strategies.sampled_from(["cbs:GM0230", "gemeente-elburg", "gemeente-nunspeet", "zeeluwe"])
)
schemathesis.openapi.format(
    "edtf", strategies.sampled_from(["2014", "2014-09", "2014-23", "2014-09-27", "2014~", "2014/2016", "2015/.."])
)


@schemathesis.hook
def before_call(context, case, kwargs):
    # The register would revoke the key under which all requests are made, and refuse the rest.
    if case.operation.path == "/keys/{id}" and case.path_parameters.get("id") == OWN_KEY:
        case.path_parameters["id"] = "0" * len(OWN_KEY)
    # A search would wait a second for a position that the register has not reached, and answer 503 as documented.
    query = case.meta.components.get(ParameterLocation.QUERY) if case.meta else None
    if query and query.mode.is_positive and "after" in case.query:
        case.query["after"] = 0
    # It would refuse every body but the first that comes with the same key, without looking at it.
    headers = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    if headers and headers.mode.is_positive and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid.uuid4().hex


class RefusedWithoutReason(Failure):
    """A request fits its schema and was refused for a reason that the schema could have said."""


@schemathesis.check
def refused_only_beyond_schemas(ctx, response, case):
    if response.status_code != 400 or case.meta is None:
        return
    if not all(component.mode.is_positive for component in case.meta.components.values()):
        return
    errors = response.json().get("errors", [])
    without_reason = [
        error
        for error in errors
        if error["code"] not in BEYOND_SCHEMAS
        and not (case.operation.path in ("/stats", "/search") and error["code"] in OF_THE_COLLECTION)
        and not (
            error["code"] == "invalid_format" and FORM_BEYOND_SCHEMAS.fullmatch(f"{error['in']} {error['location']}")
        )
    ]
    if not errors or without_reason:
        raise RefusedWithoutReason(
            operation=case.operation.label,
            title="Refused without a reason beyond its schema",
            message=str(without_reason or response.text),
        )
