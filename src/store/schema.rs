//! The tables, once for both databases. A test compares this file with what the migrations make.
#![expect(
    missing_docs,
    reason = "the design document of the model says what each column means"
)]

diesel::table! {
    documents (id) {
        id -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        slug -> Text,
        name -> Text,
        name_key -> Text,
        kind -> Text,
        visibility -> Text,
        steward_id -> Nullable<Text>,
        verified_on -> Nullable<Text>,
        sources -> Text,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        start_key -> Text,
    }
}

diesel::table! {
    former_slugs (type_, slug) {
        #[sql_name = "type"]
        type_ -> Text,
        slug -> Text,
        document_id -> Text,
    }
}

diesel::table! {
    document_identifiers (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        #[sql_name = "type"]
        type_ -> Text,
        scheme -> Text,
        value -> Text,
        start_edtf -> Nullable<Text>,
        start_text -> Nullable<Text>,
        start_inferred -> Nullable<Text>,
        start_earliest -> Nullable<Text>,
        start_latest -> Nullable<Text>,
        end_edtf -> Nullable<Text>,
        end_text -> Nullable<Text>,
        end_inferred -> Nullable<Text>,
        end_earliest -> Nullable<Text>,
        end_latest -> Nullable<Text>,
    }
}

diesel::table! {
    document_references (source_id, target_id) {
        source_id -> Text,
        target_id -> Text,
    }
}

diesel::table! {
    tombstones (id) {
        id -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        slug -> Text,
        visibility -> Text,
        steward_id -> Nullable<Text>,
        into_id -> Nullable<Text>,
        ended_at -> BigInt,
    }
}

diesel::table! {
    tombstone_aliases (tombstone_id, alias) {
        tombstone_id -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        alias -> Text,
    }
}

diesel::table! {
    changes (seq) {
        seq -> BigInt,
        at -> BigInt,
        op -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        document_id -> Text,
        slug -> Text,
        version -> BigInt,
        actor -> Text,
        changeset -> Text,
        into_id -> Nullable<Text>,
        visibility -> Text,
        steward_id -> Nullable<Text>,
        previous_visibility -> Nullable<Text>,
        previous_steward_id -> Nullable<Text>,
        snapshot -> Nullable<Text>,
    }
}

diesel::table! {
    changesets (id) {
        id -> Text,
        note -> Text,
    }
}

diesel::table! {
    keys (id) {
        id -> Text,
        name -> Text,
        role -> Text,
        steward_id -> Nullable<Text>,
        secret_sha256 -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    idempotency_records (key_id, idempotency_key) {
        key_id -> Text,
        idempotency_key -> Text,
        fingerprint -> Text,
        status -> Integer,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    secrets (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    regions (id) {
        id -> Text,
        alternative_names -> Text,
        summary -> Nullable<Text>,
        description -> Nullable<Text>,
        website -> Nullable<Text>,
        contacts -> Text,
    }
}

diesel::table! {
    organisations (id) {
        id -> Text,
        alternative_names -> Text,
        denomination -> Nullable<Text>,
        is_placeholder -> Bool,
        summary -> Nullable<Text>,
        description -> Nullable<Text>,
        website -> Nullable<Text>,
        addresses -> Text,
        contacts -> Text,
        founded_edtf -> Nullable<Text>,
        founded_text -> Nullable<Text>,
        founded_inferred -> Nullable<Text>,
        founded_earliest -> Nullable<Text>,
        founded_latest -> Nullable<Text>,
        dissolved_edtf -> Nullable<Text>,
        dissolved_text -> Nullable<Text>,
        dissolved_inferred -> Nullable<Text>,
        dissolved_earliest -> Nullable<Text>,
        dissolved_latest -> Nullable<Text>,
    }
}

diesel::table! {
    region_municipalities (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        organisation_id -> Text,
        start_edtf -> Nullable<Text>,
        start_text -> Nullable<Text>,
        start_inferred -> Nullable<Text>,
        start_earliest -> Nullable<Text>,
        start_latest -> Nullable<Text>,
        end_edtf -> Nullable<Text>,
        end_text -> Nullable<Text>,
        end_inferred -> Nullable<Text>,
        end_earliest -> Nullable<Text>,
        end_latest -> Nullable<Text>,
        local_access -> Nullable<Text>,
        local_access_note -> Nullable<Text>,
    }
}

diesel::table! {
    region_partners (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        organisation_id -> Text,
        role -> Text,
        role_description -> Nullable<Text>,
        start_edtf -> Nullable<Text>,
        start_text -> Nullable<Text>,
        start_inferred -> Nullable<Text>,
        start_earliest -> Nullable<Text>,
        start_latest -> Nullable<Text>,
        end_edtf -> Nullable<Text>,
        end_text -> Nullable<Text>,
        end_inferred -> Nullable<Text>,
        end_earliest -> Nullable<Text>,
        end_latest -> Nullable<Text>,
    }
}

diesel::table! {
    region_networks (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        organisation_id -> Text,
        status -> Text,
        start_edtf -> Nullable<Text>,
        start_text -> Nullable<Text>,
        start_inferred -> Nullable<Text>,
        start_earliest -> Nullable<Text>,
        start_latest -> Nullable<Text>,
        end_edtf -> Nullable<Text>,
        end_text -> Nullable<Text>,
        end_inferred -> Nullable<Text>,
        end_earliest -> Nullable<Text>,
        end_latest -> Nullable<Text>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    organisation_sectors (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        sector -> Text,
    }
}

diesel::table! {
    organisation_parents (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        organisation_id -> Text,
        kind -> Text,
        start_edtf -> Nullable<Text>,
        start_text -> Nullable<Text>,
        start_inferred -> Nullable<Text>,
        start_earliest -> Nullable<Text>,
        start_latest -> Nullable<Text>,
        end_edtf -> Nullable<Text>,
        end_text -> Nullable<Text>,
        end_inferred -> Nullable<Text>,
        end_earliest -> Nullable<Text>,
        end_latest -> Nullable<Text>,
    }
}

diesel::table! {
    organisation_service_municipalities (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        organisation_id -> Text,
    }
}

diesel::table! {
    organisation_service_postcodes (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        postcode -> Text,
    }
}

diesel::table! {
    themes (id) {
        id -> Text,
        alternative_labels -> Text,
        definition -> Nullable<Text>,
        broader_id -> Nullable<Text>,
        exact_match -> Text,
    }
}

diesel::table! {
    projects (id) {
        id -> Text,
        alternative_names -> Text,
        status -> Text,
        summary -> Nullable<Text>,
        objective_text -> Nullable<Text>,
        objective_is_quote -> Bool,
        motivation -> Nullable<Text>,
        ambition -> Nullable<Text>,
        approach -> Nullable<Text>,
        results -> Nullable<Text>,
        planning -> Nullable<Text>,
        target_group -> Nullable<Text>,
        minimum_age -> Nullable<Integer>,
        maximum_age -> Nullable<Integer>,
        start_edtf -> Nullable<Text>,
        start_text -> Nullable<Text>,
        start_inferred -> Nullable<Text>,
        start_earliest -> Nullable<Text>,
        start_latest -> Nullable<Text>,
        end_edtf -> Nullable<Text>,
        end_text -> Nullable<Text>,
        end_inferred -> Nullable<Text>,
        end_earliest -> Nullable<Text>,
        end_latest -> Nullable<Text>,
        website -> Nullable<Text>,
        contacts -> Text,
        focus_points -> Text,
    }
}

diesel::table! {
    people (id) {
        id -> Text,
        given -> Nullable<Text>,
        prefix -> Nullable<Text>,
        family -> Text,
        honorific -> Nullable<Text>,
        summary -> Nullable<Text>,
        biography -> Nullable<Text>,
        contacts -> Text,
        publication_basis -> Text,
        retain_until -> Nullable<Text>,
        is_erased -> Bool,
    }
}

diesel::table! {
    project_regions (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        region_id -> Text,
    }
}

diesel::table! {
    project_municipalities (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        municipality_id -> Text,
    }
}

diesel::table! {
    project_themes (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        theme_id -> Text,
    }
}

diesel::table! {
    project_related (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        project_id -> Text,
        kind -> Text,
    }
}

diesel::table! {
    project_participants (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        organisation_id -> Nullable<Text>,
        person_id -> Nullable<Text>,
        party_class -> Nullable<Text>,
        role -> Text,
        role_description -> Nullable<Text>,
        status -> Text,
        signed_edtf -> Nullable<Text>,
        signed_text -> Nullable<Text>,
        signed_inferred -> Nullable<Text>,
        signed_earliest -> Nullable<Text>,
        signed_latest -> Nullable<Text>,
        represented_by_id -> Nullable<Text>,
        start_edtf -> Nullable<Text>,
        start_text -> Nullable<Text>,
        start_inferred -> Nullable<Text>,
        start_earliest -> Nullable<Text>,
        start_latest -> Nullable<Text>,
        end_edtf -> Nullable<Text>,
        end_text -> Nullable<Text>,
        end_inferred -> Nullable<Text>,
        end_earliest -> Nullable<Text>,
        end_latest -> Nullable<Text>,
    }
}

diesel::table! {
    project_milestones (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        kind -> Text,
        title -> Text,
        planned_edtf -> Nullable<Text>,
        planned_text -> Nullable<Text>,
        planned_inferred -> Nullable<Text>,
        planned_earliest -> Nullable<Text>,
        planned_latest -> Nullable<Text>,
        actual_edtf -> Nullable<Text>,
        actual_text -> Nullable<Text>,
        actual_inferred -> Nullable<Text>,
        actual_earliest -> Nullable<Text>,
        actual_latest -> Nullable<Text>,
        condition -> Nullable<Text>,
        status -> Text,
        focus_point -> Nullable<Text>,
    }
}

diesel::table! {
    project_funding (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        recipient_id -> Nullable<Text>,
        instrument -> Text,
        amount -> Nullable<Text>,
        currency -> Nullable<Text>,
        period_edtf -> Nullable<Text>,
        period_text -> Nullable<Text>,
        period_inferred -> Nullable<Text>,
        period_earliest -> Nullable<Text>,
        period_latest -> Nullable<Text>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    project_funders (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        funding -> Integer,
        organisation_id -> Text,
    }
}

diesel::table! {
    person_roles (owner_id, position) {
        owner_id -> Text,
        position -> Integer,
        organisation_id -> Nullable<Text>,
        region_id -> Nullable<Text>,
        project_id -> Nullable<Text>,
        title -> Text,
        kind -> Text,
        topic -> Nullable<Text>,
        is_contact -> Bool,
        status -> Text,
        start_edtf -> Nullable<Text>,
        start_text -> Nullable<Text>,
        start_inferred -> Nullable<Text>,
        start_earliest -> Nullable<Text>,
        start_latest -> Nullable<Text>,
        end_edtf -> Nullable<Text>,
        end_text -> Nullable<Text>,
        end_inferred -> Nullable<Text>,
        end_earliest -> Nullable<Text>,
        end_latest -> Nullable<Text>,
        duration_text -> Nullable<Text>,
        area -> Nullable<Text>,
        contacts -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    changes,
    changesets,
    document_identifiers,
    document_references,
    documents,
    former_slugs,
    idempotency_records,
    keys,
    organisation_parents,
    organisation_sectors,
    organisation_service_municipalities,
    organisation_service_postcodes,
    organisations,
    people,
    person_roles,
    project_funders,
    project_funding,
    project_milestones,
    project_municipalities,
    project_participants,
    project_regions,
    project_related,
    project_themes,
    projects,
    region_municipalities,
    region_networks,
    region_partners,
    regions,
    secrets,
    themes,
    tombstone_aliases,
    tombstones,
);
