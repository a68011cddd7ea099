-- Projects, people and themes. (The conventions are those of the first migration.)

-- By when a document begins: the earliest day and the latest, unknown ones last. Derived as it is written.
ALTER TABLE documents ADD COLUMN start_key TEXT COLLATE "C" NOT NULL DEFAULT '9999-12-31 9999-12-31';
CREATE INDEX documents_by_type_start_key ON documents (type, start_key, id);

CREATE TABLE themes (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    alternative_labels TEXT COLLATE "C" NOT NULL,
    definition TEXT COLLATE "C",
    broader_id TEXT COLLATE "C" REFERENCES themes (id),
    exact_match TEXT COLLATE "C" NOT NULL
);
CREATE INDEX themes_by_broader ON themes (broader_id);

CREATE TABLE projects (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    alternative_names TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C",
    objective_text TEXT COLLATE "C",
    objective_is_quote BOOLEAN NOT NULL,
    motivation TEXT COLLATE "C",
    ambition TEXT COLLATE "C",
    approach TEXT COLLATE "C",
    results TEXT COLLATE "C",
    planning TEXT COLLATE "C",
    target_group TEXT COLLATE "C",
    minimum_age INTEGER,
    maximum_age INTEGER,
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
    website TEXT COLLATE "C",
    contacts TEXT COLLATE "C" NOT NULL,
    focus_points TEXT COLLATE "C" NOT NULL
);
CREATE INDEX projects_by_status ON projects (status);
CREATE INDEX projects_by_minimum_age_maximum_age ON projects (minimum_age, maximum_age);
CREATE INDEX projects_by_start_earliest_start_latest ON projects (start_earliest, start_latest);
CREATE INDEX projects_by_end_earliest_end_latest ON projects (end_earliest, end_latest);

CREATE TABLE people (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    given TEXT COLLATE "C",
    prefix TEXT COLLATE "C",
    family TEXT COLLATE "C" NOT NULL,
    honorific TEXT COLLATE "C",
    summary TEXT COLLATE "C",
    biography TEXT COLLATE "C",
    contacts TEXT COLLATE "C" NOT NULL,
    publication_basis TEXT COLLATE "C" NOT NULL,
    retain_until TEXT COLLATE "C",
    is_erased BOOLEAN NOT NULL
);
CREATE INDEX people_by_publication_basis ON people (publication_basis);
CREATE INDEX people_by_retain_until ON people (retain_until);

CREATE TABLE project_regions (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    region_id TEXT COLLATE "C" NOT NULL REFERENCES regions (id),
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_regions_by_region_id_owner ON project_regions (region_id, owner_id);

CREATE TABLE project_municipalities (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    municipality_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_municipalities_by_municipality_id_owner ON project_municipalities (municipality_id, owner_id);

CREATE TABLE project_themes (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    theme_id TEXT COLLATE "C" NOT NULL REFERENCES themes (id),
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_themes_by_theme_id_owner ON project_themes (theme_id, owner_id);

CREATE TABLE project_related (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id),
    kind TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_related_by_project_id_owner ON project_related (project_id, owner_id);

CREATE TABLE project_participants (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" REFERENCES organisations (id),
    person_id TEXT COLLATE "C" REFERENCES people (id),
    party_class TEXT COLLATE "C",
    role TEXT COLLATE "C" NOT NULL,
    role_description TEXT COLLATE "C",
    status TEXT COLLATE "C" NOT NULL,
    signed_edtf TEXT COLLATE "C",
    signed_text TEXT COLLATE "C",
    signed_inferred TEXT COLLATE "C",
    signed_earliest TEXT COLLATE "C",
    signed_latest TEXT COLLATE "C",
    represented_by_id TEXT COLLATE "C" REFERENCES people (id),
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
CREATE INDEX project_participants_by_organisation_id_owner ON project_participants (organisation_id, owner_id);
CREATE INDEX project_participants_by_person_id_owner ON project_participants (person_id, owner_id);
CREATE INDEX project_participants_by_represented_by_id_owner ON project_participants (represented_by_id, owner_id);
CREATE INDEX project_participants_by_role_owner ON project_participants (role, owner_id);

CREATE TABLE project_milestones (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    planned_edtf TEXT COLLATE "C",
    planned_text TEXT COLLATE "C",
    planned_inferred TEXT COLLATE "C",
    planned_earliest TEXT COLLATE "C",
    planned_latest TEXT COLLATE "C",
    actual_edtf TEXT COLLATE "C",
    actual_text TEXT COLLATE "C",
    actual_inferred TEXT COLLATE "C",
    actual_earliest TEXT COLLATE "C",
    actual_latest TEXT COLLATE "C",
    condition TEXT COLLATE "C",
    status TEXT COLLATE "C" NOT NULL,
    focus_point TEXT COLLATE "C",
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_milestones_by_kind_owner ON project_milestones (kind, owner_id);
CREATE INDEX project_milestones_by_status_planned_latest_owner ON project_milestones (status, planned_latest, owner_id);

CREATE TABLE project_funding (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    recipient_id TEXT COLLATE "C" REFERENCES documents (id),
    instrument TEXT COLLATE "C" NOT NULL,
    amount TEXT COLLATE "C",
    currency TEXT COLLATE "C",
    period_edtf TEXT COLLATE "C",
    period_text TEXT COLLATE "C",
    period_inferred TEXT COLLATE "C",
    period_earliest TEXT COLLATE "C",
    period_latest TEXT COLLATE "C",
    note TEXT COLLATE "C",
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_funding_by_recipient_id_owner ON project_funding (recipient_id, owner_id);

-- The funders of each row of project_funding: `funding` is its position.
CREATE TABLE project_funders (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    funding INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_funders_by_organisation_id_owner ON project_funders (organisation_id, owner_id);

CREATE TABLE person_roles (
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" REFERENCES organisations (id),
    region_id TEXT COLLATE "C" REFERENCES regions (id),
    project_id TEXT COLLATE "C" REFERENCES projects (id),
    title TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    topic TEXT COLLATE "C",
    is_contact BOOLEAN NOT NULL,
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
    duration_text TEXT COLLATE "C",
    area TEXT COLLATE "C",
    contacts TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX person_roles_by_organisation_id_owner ON person_roles (organisation_id, owner_id);
CREATE INDEX person_roles_by_region_id_owner ON person_roles (region_id, owner_id);
CREATE INDEX person_roles_by_project_id_owner ON person_roles (project_id, owner_id);
CREATE INDEX person_roles_by_kind_owner ON person_roles (kind, owner_id);
CREATE INDEX person_roles_by_topic_owner ON person_roles (topic, owner_id);

-- The planner keeps samples of the values of columns, and those of a table that has become empty for ever. What may be
-- personal is not sampled, so that an erased person is not left there. (The other columns are sampled anew after each
-- erasure.)
ALTER TABLE people
    ALTER COLUMN given SET STATISTICS 0,
    ALTER COLUMN prefix SET STATISTICS 0,
    ALTER COLUMN family SET STATISTICS 0,
    ALTER COLUMN honorific SET STATISTICS 0,
    ALTER COLUMN summary SET STATISTICS 0,
    ALTER COLUMN biography SET STATISTICS 0,
    ALTER COLUMN contacts SET STATISTICS 0;
ALTER TABLE person_roles
    ALTER COLUMN title SET STATISTICS 0,
    ALTER COLUMN topic SET STATISTICS 0,
    ALTER COLUMN duration_text SET STATISTICS 0,
    ALTER COLUMN area SET STATISTICS 0,
    ALTER COLUMN contacts SET STATISTICS 0,
    ALTER COLUMN start_text SET STATISTICS 0,
    ALTER COLUMN start_inferred SET STATISTICS 0,
    ALTER COLUMN end_text SET STATISTICS 0,
    ALTER COLUMN end_inferred SET STATISTICS 0;
ALTER TABLE changes ALTER COLUMN slug SET STATISTICS 0, ALTER COLUMN snapshot SET STATISTICS 0;
ALTER TABLE document_identifiers ALTER COLUMN value SET STATISTICS 0;
ALTER TABLE former_slugs ALTER COLUMN slug SET STATISTICS 0;
ALTER TABLE idempotency_records ALTER COLUMN body SET STATISTICS 0, ALTER COLUMN location SET STATISTICS 0;
ALTER TABLE tombstone_aliases ALTER COLUMN alias SET STATISTICS 0;
