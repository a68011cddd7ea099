-- Schema and constraints are equal on SQLite and PostgreSQL. Instants are microseconds since 1970 UTC,
-- days are YYYY-MM-DD, lists that are never filtered on are JSON text.
-- Text that is compared or sorted has the collation "C", so that both databases order by bytes.

-- The head that every document has, whatever its collection.
CREATE TABLE documents (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    type TEXT COLLATE "C" NOT NULL,
    slug TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    visibility TEXT COLLATE "C" NOT NULL CHECK (visibility IN ('public', 'restricted')),
    steward_id TEXT COLLATE "C" REFERENCES documents (id),
    verified_on TEXT COLLATE "C",
    sources TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (type, slug)
);
CREATE INDEX documents_by_type_name_key ON documents (type, name_key, id);
CREATE INDEX documents_by_type_kind_name_key ON documents (type, kind, name_key, id);
CREATE INDEX documents_by_type_created_at ON documents (type, created_at, id);
CREATE INDEX documents_by_type_updated_at ON documents (type, updated_at, id);
CREATE INDEX documents_by_type_verified_on ON documents (type, verified_on, id);
CREATE INDEX documents_by_steward ON documents (steward_id);

-- Slugs that documents had before: they redirect to the present one.
CREATE TABLE former_slugs (
    type TEXT COLLATE "C" NOT NULL,
    slug TEXT COLLATE "C" NOT NULL,
    document_id TEXT COLLATE "C" NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    PRIMARY KEY (type, slug)
);
CREATE INDEX former_slugs_by_document ON former_slugs (document_id);

CREATE TABLE document_identifiers (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    scheme TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    start_edtf TEXT COLLATE "C",
    start_text TEXT COLLATE "C",
    start_inferred TEXT COLLATE "C",
    start_earliest TEXT COLLATE "C",
    start_latest TEXT COLLATE "C",
    end_edtf TEXT COLLATE "C",
    end_text TEXT COLLATE "C",
    end_inferred TEXT COLLATE "C",
    end_earliest TEXT COLLATE "C",
    end_latest TEXT COLLATE "C",
    PRIMARY KEY (owner_id, position),
    UNIQUE (type, scheme, value)
);

-- Who refers to whom, derived from each document as it is written.
CREATE TABLE document_references (
    source_id TEXT COLLATE "C" NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    target_id TEXT COLLATE "C" NOT NULL REFERENCES documents (id),
    PRIMARY KEY (source_id, target_id)
);
CREATE INDEX document_references_by_target_id_source ON document_references (target_id, source_id);

-- What is left of a deleted (410) or merged (308) document.
CREATE TABLE tombstones (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    type TEXT COLLATE "C" NOT NULL,
    slug TEXT COLLATE "C" NOT NULL,
    visibility TEXT COLLATE "C" NOT NULL,
    steward_id TEXT COLLATE "C",
    into_id TEXT COLLATE "C",
    ended_at BIGINT NOT NULL
);
CREATE INDEX tombstones_by_type_slug_ended_at ON tombstones (type, slug, ended_at);
CREATE INDEX tombstones_by_into ON tombstones (into_id);

-- The other names under which a tombstone is still found.
CREATE TABLE tombstone_aliases (
    tombstone_id TEXT COLLATE "C" NOT NULL REFERENCES tombstones (id) ON DELETE CASCADE,
    type TEXT COLLATE "C" NOT NULL,
    alias TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tombstone_id, alias)
);
CREATE INDEX tombstone_aliases_by_type_alias ON tombstone_aliases (type, alias);

-- One row for each accepted write, in commit order.
CREATE TABLE changes (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    op TEXT COLLATE "C" NOT NULL CHECK (op IN ('created', 'updated', 'deleted', 'merged', 'erased')),
    type TEXT COLLATE "C" NOT NULL,
    document_id TEXT COLLATE "C" NOT NULL,
    slug TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    changeset TEXT COLLATE "C" NOT NULL,
    into_id TEXT COLLATE "C",
    visibility TEXT COLLATE "C" NOT NULL,
    steward_id TEXT COLLATE "C",
    previous_visibility TEXT COLLATE "C",
    previous_steward_id TEXT COLLATE "C",
    snapshot TEXT COLLATE "C"
);
CREATE INDEX changes_by_document_id_seq ON changes (document_id, seq);
-- One version, one content.
CREATE UNIQUE INDEX changes_by_document_id_version ON changes (document_id, version) WHERE snapshot IS NOT NULL;
CREATE INDEX changes_by_type_seq ON changes (type, seq);

-- API keys. The secret itself is never stored.
CREATE TABLE keys (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('admin', 'editor', 'reader')),
    steward_id TEXT COLLATE "C" REFERENCES documents (id) ON DELETE SET NULL,
    secret_sha256 TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX keys_by_steward ON keys (steward_id);
CREATE INDEX keys_by_created_at ON keys (created_at, id);

-- First answers to POSTs that carried an Idempotency-Key.
CREATE TABLE idempotency_records (
    key_id TEXT COLLATE "C" NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    status INTEGER NOT NULL,
    location TEXT COLLATE "C",
    etag TEXT COLLATE "C",
    body TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (key_id, idempotency_key)
);
CREATE INDEX idempotency_records_by_created_at ON idempotency_records (created_at);

-- Secrets that all nodes on this database share.
CREATE TABLE secrets (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE regions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    alternative_names TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C",
    description TEXT COLLATE "C",
    website TEXT COLLATE "C",
    contacts TEXT COLLATE "C" NOT NULL
);

CREATE TABLE organisations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    alternative_names TEXT COLLATE "C" NOT NULL,
    denomination TEXT COLLATE "C",
    is_placeholder BOOLEAN NOT NULL,
    summary TEXT COLLATE "C",
    description TEXT COLLATE "C",
    website TEXT COLLATE "C",
    addresses TEXT COLLATE "C" NOT NULL,
    contacts TEXT COLLATE "C" NOT NULL,
    founded_edtf TEXT COLLATE "C",
    founded_text TEXT COLLATE "C",
    founded_inferred TEXT COLLATE "C",
    founded_earliest TEXT COLLATE "C",
    founded_latest TEXT COLLATE "C",
    dissolved_edtf TEXT COLLATE "C",
    dissolved_text TEXT COLLATE "C",
    dissolved_inferred TEXT COLLATE "C",
    dissolved_earliest TEXT COLLATE "C",
    dissolved_latest TEXT COLLATE "C"
);
CREATE INDEX organisations_by_denomination ON organisations (denomination);
CREATE INDEX organisations_by_is_placeholder ON organisations (is_placeholder);
CREATE INDEX organisations_by_founded_earliest_founded_latest ON organisations (founded_earliest, founded_latest);
CREATE INDEX organisations_by_dissolved_earliest_dissolved_latest ON organisations (dissolved_earliest, dissolved_latest);

CREATE TABLE region_municipalities (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    start_edtf TEXT COLLATE "C",
    start_text TEXT COLLATE "C",
    start_inferred TEXT COLLATE "C",
    start_earliest TEXT COLLATE "C",
    start_latest TEXT COLLATE "C",
    end_edtf TEXT COLLATE "C",
    end_text TEXT COLLATE "C",
    end_inferred TEXT COLLATE "C",
    end_earliest TEXT COLLATE "C",
    end_latest TEXT COLLATE "C",
    local_access TEXT COLLATE "C",
    local_access_note TEXT COLLATE "C",
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX region_municipalities_by_organisation_id_owner ON region_municipalities (organisation_id, owner_id);

CREATE TABLE region_partners (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    role TEXT COLLATE "C" NOT NULL,
    role_description TEXT COLLATE "C",
    start_edtf TEXT COLLATE "C",
    start_text TEXT COLLATE "C",
    start_inferred TEXT COLLATE "C",
    start_earliest TEXT COLLATE "C",
    start_latest TEXT COLLATE "C",
    end_edtf TEXT COLLATE "C",
    end_text TEXT COLLATE "C",
    end_inferred TEXT COLLATE "C",
    end_earliest TEXT COLLATE "C",
    end_latest TEXT COLLATE "C",
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX region_partners_by_organisation_id_owner ON region_partners (organisation_id, owner_id);
CREATE INDEX region_partners_by_role_owner ON region_partners (role, owner_id);

CREATE TABLE region_networks (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    status TEXT COLLATE "C" NOT NULL,
    start_edtf TEXT COLLATE "C",
    start_text TEXT COLLATE "C",
    start_inferred TEXT COLLATE "C",
    start_earliest TEXT COLLATE "C",
    start_latest TEXT COLLATE "C",
    end_edtf TEXT COLLATE "C",
    end_text TEXT COLLATE "C",
    end_inferred TEXT COLLATE "C",
    end_earliest TEXT COLLATE "C",
    end_latest TEXT COLLATE "C",
    note TEXT COLLATE "C",
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX region_networks_by_organisation_id_owner ON region_networks (organisation_id, owner_id);

CREATE TABLE organisation_sectors (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sector TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX organisation_sectors_by_sector_owner ON organisation_sectors (sector, owner_id);

CREATE TABLE organisation_parents (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    kind TEXT COLLATE "C" NOT NULL,
    start_edtf TEXT COLLATE "C",
    start_text TEXT COLLATE "C",
    start_inferred TEXT COLLATE "C",
    start_earliest TEXT COLLATE "C",
    start_latest TEXT COLLATE "C",
    end_edtf TEXT COLLATE "C",
    end_text TEXT COLLATE "C",
    end_inferred TEXT COLLATE "C",
    end_earliest TEXT COLLATE "C",
    end_latest TEXT COLLATE "C",
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX organisation_parents_by_organisation_id_owner ON organisation_parents (organisation_id, owner_id);

CREATE TABLE organisation_service_municipalities (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX organisation_service_municipalities_by_organisation_id_owner ON organisation_service_municipalities (organisation_id, owner_id);

CREATE TABLE organisation_service_postcodes (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    postcode TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX organisation_service_postcodes_by_postcode_owner ON organisation_service_postcodes (postcode, owner_id);
