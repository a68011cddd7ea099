-- Projects, people and themes. (The conventions are those of the first migration.)

-- By when a document begins: the earliest day and the latest, unknown ones last. Derived as it is written.
ALTER TABLE documents ADD COLUMN start_key TEXT NOT NULL DEFAULT '9999-12-31 9999-12-31';
CREATE INDEX documents_by_type_start_key ON documents (type, start_key, id);

CREATE TABLE themes (
    id TEXT NOT NULL PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    alternative_labels TEXT NOT NULL,
    definition TEXT,
    broader_id TEXT REFERENCES themes (id),
    exact_match TEXT NOT NULL
);
CREATE INDEX themes_by_broader ON themes (broader_id);

CREATE TABLE projects (
    id TEXT NOT NULL PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    alternative_names TEXT NOT NULL,
    status TEXT NOT NULL,
    summary TEXT,
    objective_text TEXT,
    objective_is_quote BOOLEAN NOT NULL,
    motivation TEXT,
    ambition TEXT,
    approach TEXT,
    results TEXT,
    planning TEXT,
    target_group TEXT,
    minimum_age INTEGER,
    maximum_age INTEGER,
    start_edtf TEXT,
    start_text TEXT,
    start_inferred TEXT,
    start_earliest TEXT,
    start_latest TEXT,
    end_edtf TEXT,
    end_text TEXT,
    end_inferred TEXT,
    end_earliest TEXT,
    end_latest TEXT,
    website TEXT,
    contacts TEXT NOT NULL,
    focus_points TEXT NOT NULL
);
CREATE INDEX projects_by_status ON projects (status);
CREATE INDEX projects_by_minimum_age_maximum_age ON projects (minimum_age, maximum_age);
CREATE INDEX projects_by_start_earliest_start_latest ON projects (start_earliest, start_latest);
CREATE INDEX projects_by_end_earliest_end_latest ON projects (end_earliest, end_latest);

CREATE TABLE people (
    id TEXT NOT NULL PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    given TEXT,
    prefix TEXT,
    family TEXT NOT NULL,
    honorific TEXT,
    summary TEXT,
    biography TEXT,
    contacts TEXT NOT NULL,
    publication_basis TEXT NOT NULL,
    retain_until TEXT,
    is_erased BOOLEAN NOT NULL
);
CREATE INDEX people_by_publication_basis ON people (publication_basis);
CREATE INDEX people_by_retain_until ON people (retain_until);

CREATE TABLE project_regions (
    owner_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    region_id TEXT NOT NULL REFERENCES regions (id),
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_regions_by_region_id_owner ON project_regions (region_id, owner_id);

CREATE TABLE project_municipalities (
    owner_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    municipality_id TEXT NOT NULL REFERENCES organisations (id),
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_municipalities_by_municipality_id_owner ON project_municipalities (municipality_id, owner_id);

CREATE TABLE project_themes (
    owner_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    theme_id TEXT NOT NULL REFERENCES themes (id),
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_themes_by_theme_id_owner ON project_themes (theme_id, owner_id);

CREATE TABLE project_related (
    owner_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL,
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_related_by_project_id_owner ON project_related (project_id, owner_id);

CREATE TABLE project_participants (
    owner_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    organisation_id TEXT REFERENCES organisations (id),
    person_id TEXT REFERENCES people (id),
    party_class TEXT,
    role TEXT NOT NULL,
    role_description TEXT,
    status TEXT NOT NULL,
    signed_edtf TEXT,
    signed_text TEXT,
    signed_inferred TEXT,
    signed_earliest TEXT,
    signed_latest TEXT,
    represented_by_id TEXT REFERENCES people (id),
    start_edtf TEXT,
    start_text TEXT,
    start_inferred TEXT,
    start_earliest TEXT,
    start_latest TEXT,
    end_edtf TEXT,
    end_text TEXT,
    end_inferred TEXT,
    end_earliest TEXT,
    end_latest TEXT,
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_participants_by_organisation_id_owner ON project_participants (organisation_id, owner_id);
CREATE INDEX project_participants_by_person_id_owner ON project_participants (person_id, owner_id);
CREATE INDEX project_participants_by_represented_by_id_owner ON project_participants (represented_by_id, owner_id);
CREATE INDEX project_participants_by_role_owner ON project_participants (role, owner_id);

CREATE TABLE project_milestones (
    owner_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    planned_edtf TEXT,
    planned_text TEXT,
    planned_inferred TEXT,
    planned_earliest TEXT,
    planned_latest TEXT,
    actual_edtf TEXT,
    actual_text TEXT,
    actual_inferred TEXT,
    actual_earliest TEXT,
    actual_latest TEXT,
    condition TEXT,
    status TEXT NOT NULL,
    focus_point TEXT,
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_milestones_by_kind_owner ON project_milestones (kind, owner_id);
CREATE INDEX project_milestones_by_status_planned_latest_owner ON project_milestones (status, planned_latest, owner_id);

CREATE TABLE project_funding (
    owner_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    recipient_id TEXT REFERENCES documents (id),
    instrument TEXT NOT NULL,
    amount TEXT,
    currency TEXT,
    period_edtf TEXT,
    period_text TEXT,
    period_inferred TEXT,
    period_earliest TEXT,
    period_latest TEXT,
    note TEXT,
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_funding_by_recipient_id_owner ON project_funding (recipient_id, owner_id);

-- The funders of each row of project_funding: `funding` is its position.
CREATE TABLE project_funders (
    owner_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    funding INTEGER NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX project_funders_by_organisation_id_owner ON project_funders (organisation_id, owner_id);

CREATE TABLE person_roles (
    owner_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    organisation_id TEXT REFERENCES organisations (id),
    region_id TEXT REFERENCES regions (id),
    project_id TEXT REFERENCES projects (id),
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    topic TEXT,
    is_contact BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    start_edtf TEXT,
    start_text TEXT,
    start_inferred TEXT,
    start_earliest TEXT,
    start_latest TEXT,
    end_edtf TEXT,
    end_text TEXT,
    end_inferred TEXT,
    end_earliest TEXT,
    end_latest TEXT,
    duration_text TEXT,
    area TEXT,
    contacts TEXT NOT NULL,
    PRIMARY KEY (owner_id, position)
);
CREATE INDEX person_roles_by_organisation_id_owner ON person_roles (organisation_id, owner_id);
CREATE INDEX person_roles_by_region_id_owner ON person_roles (region_id, owner_id);
CREATE INDEX person_roles_by_project_id_owner ON person_roles (project_id, owner_id);
CREATE INDEX person_roles_by_kind_owner ON person_roles (kind, owner_id);
CREATE INDEX person_roles_by_topic_owner ON person_roles (topic, owner_id);
