"""What a programmer does with the client that openapi-python-client generates.

Create, read, change what someone else changed before, list to the end, delete. It ends with 1 and a sentence when an
answer differs from the API document.
"""

import os
import sys
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from schakel_client import AuthenticatedClient
from schakel_client.api.organisations import (
    create_organisation,
    delete_organisation,
    find_organisation,
    list_organisations,
    update_organisation,
)
from schakel_client.models import (
    ContactInput,
    ContactKind,
    Organisation,
    OrganisationInput,
    OrganisationKind,
    OrganisationList,
    OrganisationPatch,
    OrganisationView,
    Problem,
    ServiceAreaInput,
)
from schakel_client.types import UNSET, Response

MADE = 5


def check(holds, what):
    if not holds:
        sys.exit(f"Python: {what}")


def expect(what, status, kind, answer: Response):
    """The body of an answer with this status, read as this model."""
    check(answer.status_code == status, f"{what}: {int(answer.status_code)} and not {int(status)}: {answer.content!r}")
    check(isinstance(answer.parsed, kind), f"{what}: {type(answer.parsed).__name__} and not {kind.__name__}")
    return answer.parsed


def refused(what, status, slug, answer: Response) -> Problem:
    problem = expect(what, status, Problem, answer)
    check(problem.type_.endswith(f"#{slug}"), f"{what}: the type {problem.type_} does not end with #{slug}")
    return problem


def create(client) -> list[Organisation]:
    made = []
    for number in range(1, MADE + 1):
        body = OrganisationInput(
            name=f"Contract in Python {number}",
            kind=OrganisationKind.OTHER,
            contacts=[ContactInput(kind=ContactKind.EMAIL, value="contract@schakel.example", is_functional=True)],
            founded="2014-23",
            service_area=ServiceAreaInput(municipalities=["gemeente-elburg"], postcodes=["8081"]),
        )
        answer = create_organisation.sync_detailed(client=client, body=body)
        organisation = expect("create", HTTPStatus.CREATED, Organisation, answer)
        check(organisation.version == 1, "a new document has version 1")
        check(organisation.founded.earliest.isoformat() == "2014-09-01", "a season has a first day")
        municipalities = organisation.service_area.municipalities
        check(municipalities[0].slug == "gemeente-elburg", "a reference is shown with its slug")
        made.append(organisation)
    return made


def read(client, organisation) -> str:
    answer = find_organisation.sync_detailed(organisation.slug, client=client)
    found = expect("read", HTTPStatus.OK, OrganisationView, answer)
    check(found.to_dict() == organisation.to_dict(), "what is read is what was created")
    etag = answer.headers["ETag"]
    known = find_organisation.sync_detailed(organisation.slug, client=client, if_none_match=etag)
    check(known.status_code == HTTPStatus.NOT_MODIFIED, "an answer that is known is not sent again")
    return etag


def patch_with_conflict(client, organisation, etag) -> str:
    def patch(**members):
        body = OrganisationPatch(**members)
        return update_organisation.sync_detailed(str(organisation.id), client=client, body=body, if_match=etag)

    changed = expect("patch in time", HTTPStatus.OK, Organisation, patch(summary="First.", contacts=None))
    check(changed.version == 2, "a change makes a new version")
    check(changed.summary == "First.", "the change is there")
    check(changed.contacts == [], "null clears")
    check(changed.name == organisation.name, "what is not named stays")
    late = patch(summary="Too late.")
    problem = refused("patch that comes too late", HTTPStatus.PRECONDITION_FAILED, "precondition-failed", late)
    check(problem.current_version == 2, "the problem tells the version of now")
    now = find_organisation.sync_detailed(str(organisation.id), client=client)
    found = expect("read again", HTTPStatus.OK, OrganisationView, now)
    check(found.summary == "First.", "a refused change changes nothing")
    return now.headers["ETag"]


def list_to_the_end(client, made):
    seen, pages, cursor, totals = [], 0, UNSET, set()
    while True:
        answer = list_organisations.sync_detailed(client=client, limit=3, count=True, sort="-updatedAt", cursor=cursor)
        page = expect("list", HTTPStatus.OK, OrganisationList, answer)
        seen.extend(item.id for item in page.items)
        totals.add(page.total)
        pages += 1
        if not page.next_:
            break
        cursor = parse_qs(urlsplit(page.next_).query)["cursor"][0]
    check(pages > 2, f"{pages} pages of three are too few to tell")
    check(totals == {len(seen)}, f"the pages together have {len(seen)} documents, the totals say {totals}")
    check(len(set(seen)) == len(seen), "no document is on two pages")
    check({one.id for one in made} <= set(seen), "what was created is in the list")


def all_faults_at_once(client):
    body = OrganisationInput(name="  ", kind=OrganisationKind.OTHER, website="elburg")
    answer = create_organisation.sync_detailed(client=client, body=body)
    problem = refused("two faults", HTTPStatus.BAD_REQUEST, "invalid-input", answer)
    places = sorted(fault.location for fault in problem.errors)
    check(places == ["/name", "/website"], f"a problem tells all faults with their places, not {places}")


def remove(client, made, etag):
    first, *others = made
    late = delete_organisation.sync_detailed(str(first.id), client=client, if_match='"1-0"')
    refused("delete of a former version", HTTPStatus.PRECONDITION_FAILED, "precondition-failed", late)
    gone = delete_organisation.sync_detailed(str(first.id), client=client, if_match=etag)
    check(gone.status_code == HTTPStatus.NO_CONTENT, f"delete: {gone.content!r}")
    for organisation in others:
        answer = delete_organisation.sync_detailed(str(organisation.id), client=client)
        check(answer.status_code == HTTPStatus.NO_CONTENT, f"delete: {answer.content!r}")
    refused(
        "read of what is deleted", HTTPStatus.GONE, "gone", find_organisation.sync_detailed(first.slug, client=client)
    )


def main():
    with AuthenticatedClient(
        base_url=f"{os.environ['SCHAKEL_URL']}/api/v1",
        token=os.environ["SCHAKEL_KEY"],
        raise_on_unexpected_status=True,
    ) as client:
        made = create(client)
        etag = patch_with_conflict(client, made[0], read(client, made[0]))
        list_to_the_end(client, made)
        all_faults_at_once(client)
        remove(client, made, etag)
    print("Python: created, read, patched with a conflict, listed to the end, deleted.")


main()
