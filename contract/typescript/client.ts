// What a programmer does with the client that openapi-typescript generates: create, read, change what someone else
// changed before, list to the end, delete. It ends with 1 and a sentence when an answer differs from the API document.

import assert from "node:assert/strict";
import { env } from "node:process";

import createClient from "openapi-fetch";

import type { components, paths } from "./schakel.d.ts";

type Organisation = components["schemas"]["Organisation"];
type Problem = components["schemas"]["Problem"];
type Answer<T> = { data?: T; error?: Problem; response: Response };

const MADE = 5;
const { SCHAKEL_URL, SCHAKEL_KEY } = env;
assert(SCHAKEL_URL && SCHAKEL_KEY, "SCHAKEL_URL and SCHAKEL_KEY say where the register is and with which key to write");

// Lists are also given as CSV and NDJSON; this program asks for JSON alone, so its types need not allow for text.
const client = createClient<paths, "application/json" | "application/problem+json">({
  baseUrl: `${SCHAKEL_URL}/api/v1`,
  headers: { Authorization: `Bearer ${SCHAKEL_KEY}` },
});

/** The document of an answer with this status. */
function expect<T>(what: string, status: number, answer: Answer<T>): T {
  const { data, error, response } = answer;
  assert.equal(response.status, status, `${what}: ${JSON.stringify(error)}`);
  assert(data !== undefined, `${what}: an answer without a body`);
  return data;
}

/** The problem of an answer with this status, known by the end of its `type`. */
function refused(what: string, status: number, slug: string, answer: Answer<unknown>): Problem {
  const { error, response } = answer;
  assert.equal(response.status, status, what);
  assert(error, `${what}: no problem in the answer`);
  assert.equal(error.status, status, `${what}: the status in the problem`);
  assert(error.type.endsWith(`#${slug}`), `${what}: the type ${error.type} does not end with #${slug}`);
  return error;
}

function etagOf(response: Response): string {
  const etag = response.headers.get("ETag");
  assert(etag, "an answer with a document has an ETag");
  return etag;
}

async function create(): Promise<Organisation[]> {
  const made: Organisation[] = [];
  for (let number = 1; number <= MADE; number++) {
    const answer = await client.POST("/organisations", {
      body: {
        name: `Contract in TypeScript ${number}`,
        kind: "other",
        contacts: [{ kind: "email", value: "contract@schakel.example", isFunctional: true }],
        founded: { edtf: "2014-23", text: "najaar 2014" },
        serviceArea: { municipalities: ["gemeente-elburg"], postcodes: ["8081"] },
      },
    });
    const organisation = expect("create", 201, answer);
    assert.equal(organisation.version, 1, "a new document has version 1");
    assert.equal(organisation.founded?.earliest, "2014-09-01", "a season has a first day");
    assert.equal(organisation.serviceArea.municipalities[0]?.slug, "gemeente-elburg", "a reference is shown with its slug");
    made.push(organisation);
  }
  return made;
}

async function read(organisation: Organisation): Promise<string> {
  const path = { id: organisation.slug };
  const answer = await client.GET("/organisations/{id}", { params: { path } });
  assert.deepEqual(expect("read", 200, answer), organisation, "what is read is what was created");
  const etag = etagOf(answer.response);
  const known = await client.GET("/organisations/{id}", { params: { path, header: { "If-None-Match": etag } } });
  assert.equal(known.response.status, 304, "an answer that is known is not sent again");
  return etag;
}

async function patchWithConflict(organisation: Organisation, etag: string): Promise<string> {
  const params = { path: { id: organisation.id }, header: { "If-Match": etag } };
  const first = await client.PATCH("/organisations/{id}", { params, body: { summary: "First.", contacts: null } });
  const changed = expect("patch in time", 200, first);
  assert.equal(changed.version, 2, "a change makes a new version");
  assert.equal(changed.summary, "First.", "the change is there");
  assert.deepEqual(changed.contacts, [], "null clears");
  assert.equal(changed.name, organisation.name, "what is not named stays");
  const late = await client.PATCH("/organisations/{id}", { params, body: { summary: "Too late." } });
  const problem = refused("patch that comes too late", 412, "precondition-failed", late);
  assert.equal(problem.currentVersion, 2, "the problem tells the version of now");
  const now = await client.GET("/organisations/{id}", { params: { path: params.path } });
  assert.equal(expect("read again", 200, now).summary, "First.", "a refused change changes nothing");
  return etagOf(now.response);
}

async function listToTheEnd(made: Organisation[]): Promise<void> {
  const seen: string[] = [];
  let total: number | undefined;
  let cursor: string | undefined;
  let pages = 0;
  do {
    const query = { limit: 3, count: true, sort: "-updatedAt", ...(cursor === undefined ? {} : { cursor }) };
    const page = expect("list", 200, await client.GET("/organisations", { params: { query } }));
    for (const { id } of page.items) {
      assert(id, "an organisation in a list has an id");
      seen.push(id);
    }
    assert.equal(page.total, (total ??= page.total), "the total is the same on each page");
    cursor = page.next === undefined ? undefined : (new URL(page.next).searchParams.get("cursor") ?? undefined);
    pages += 1;
  } while (cursor !== undefined);
  assert(pages > 2, `${pages} pages of three are too few to tell`);
  assert.equal(seen.length, total, "the pages together have as many documents as the total says");
  assert.equal(new Set(seen).size, seen.length, "no document is on two pages");
  assert(made.every(({ id }) => seen.includes(id)), "what was created is in the list");
}

async function remove(made: Organisation[], etag: string): Promise<void> {
  const [first, ...others] = made;
  assert(first, "an organisation was made");
  const path = { id: first.id };
  const late = await client.DELETE("/organisations/{id}", { params: { path, header: { "If-Match": '"1-0"' } } });
  refused("delete of a former version", 412, "precondition-failed", late);
  const gone = await client.DELETE("/organisations/{id}", { params: { path, header: { "If-Match": etag } } });
  assert.equal(gone.response.status, 204, "delete");
  for (const { id } of others) {
    const answer = await client.DELETE("/organisations/{id}", { params: { path: { id } } });
    assert.equal(answer.response.status, 204, "delete");
  }
  refused("read of what is deleted", 410, "gone", await client.GET("/organisations/{id}", { params: { path } }));
}

async function allFaultsAtOnce(): Promise<void> {
  const answer = await client.POST("/organisations", { body: { name: "  ", kind: "other", website: "elburg" } });
  const problem = refused("two faults", 400, "invalid-input", answer);
  const places = problem.errors?.map(({ location }) => location).sort();
  assert.deepEqual(places, ["/name", "/website"], "a problem tells all faults with their places");
}

const made = await create();
const [organisation] = made;
assert(organisation, "an organisation was made");
const etag = await patchWithConflict(organisation, await read(organisation));
await listToTheEnd(made);
await allFaultsAtOnce();
await remove(made, etag);
console.log("TypeScript: created, read, patched with a conflict, listed to the end, deleted.");
