//! The table: each operation, and what each role may do with it.

/// The callers and the stewards of the document, in the order of the statuses of a [`Row`]. A role
/// that does not work for an organisation gets the same whoever the steward is.
pub(super) const COLUMNS: [(&str, &[&str]); 7] = [
    ("nobody", &["own", "other", "none"]),
    ("bad key", &["own", "other", "none"]),
    ("reader", &["own", "other", "none"]),
    ("editor", &["own"]),
    ("editor", &["other"]),
    ("editor", &["none"]),
    ("admin", &["own", "other", "none"]),
];

/// An operation; what it is done to; the statuses for the columns.
///
/// It is done to a `public` or a `restricted` document of its collection; or to a `new` one, at an
/// address that nothing has yet, with its steward in the body; or to nothing that has a steward.
pub(super) type Row = (&'static str, &'static str, [u16; 7]);

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    //                                             nobody, bad key, reader, editor: own, other, none, admin
    ("GET /regions", "-",                                  [200, 401, 200, 200, 200, 200, 200]),
    ("POST /regions", "new",                               [401, 401, 403, 201, 403, 201, 201]),
    ("GET /regions/{id}", "public",                        [200, 401, 200, 200, 200, 200, 200]),
    ("GET /regions/{id}", "restricted",                    [404, 401, 200, 200, 404, 404, 200]),
    ("PUT /regions/{id}", "new",                           [401, 401, 403, 201, 403, 201, 201]),
    ("PUT /regions/{id}", "public",                        [401, 401, 403, 200, 403, 403, 200]),
    ("PUT /regions/{id}", "restricted",                    [401, 401, 403, 200, 404, 404, 200]),
    ("PATCH /regions/{id}", "public",                      [401, 401, 403, 200, 403, 403, 200]),
    ("PATCH /regions/{id}", "restricted",                  [401, 401, 403, 200, 404, 404, 200]),
    ("DELETE /regions/{id}", "public",                     [401, 401, 403, 204, 403, 403, 204]),
    ("DELETE /regions/{id}", "restricted",                 [401, 401, 403, 204, 404, 404, 204]),
    ("GET /regions/{id}/history", "public",                [200, 401, 200, 200, 200, 200, 200]),
    ("GET /regions/{id}/history", "restricted",            [404, 401, 200, 200, 404, 404, 200]),
    ("GET /regions/{id}/versions/{version}", "public",     [200, 401, 200, 200, 200, 200, 200]),
    ("GET /regions/{id}/versions/{version}", "restricted", [404, 401, 200, 200, 404, 404, 200]),
    ("GET /regions/{id}/organisations", "public",          [200, 401, 200, 200, 200, 200, 200]),
    ("GET /regions/{id}/organisations", "restricted",      [404, 401, 200, 200, 404, 404, 200]),

    ("GET /organisations", "-",                                  [200, 401, 200, 200, 200, 200, 200]),
    ("POST /organisations", "new",                               [401, 401, 403, 201, 403, 201, 201]),
    ("GET /organisations/{id}", "public",                        [200, 401, 200, 200, 200, 200, 200]),
    ("GET /organisations/{id}", "restricted",                    [404, 401, 200, 200, 404, 404, 200]),
    ("PUT /organisations/{id}", "new",                           [401, 401, 403, 201, 403, 201, 201]),
    ("PUT /organisations/{id}", "public",                        [401, 401, 403, 200, 403, 403, 200]),
    ("PUT /organisations/{id}", "restricted",                    [401, 401, 403, 200, 404, 404, 200]),
    ("PATCH /organisations/{id}", "public",                      [401, 401, 403, 200, 403, 403, 200]),
    ("PATCH /organisations/{id}", "restricted",                  [401, 401, 403, 200, 404, 404, 200]),
    ("DELETE /organisations/{id}", "public",                     [401, 401, 403, 204, 403, 403, 204]),
    ("DELETE /organisations/{id}", "restricted",                 [401, 401, 403, 204, 404, 404, 204]),
    ("GET /organisations/{id}/history", "public",                [200, 401, 200, 200, 200, 200, 200]),
    ("GET /organisations/{id}/history", "restricted",            [404, 401, 200, 200, 404, 404, 200]),
    ("GET /organisations/{id}/versions/{version}", "public",     [200, 401, 200, 200, 200, 200, 200]),
    ("GET /organisations/{id}/versions/{version}", "restricted", [404, 401, 200, 200, 404, 404, 200]),
    ("GET /organisations/{id}/regions", "public",                [200, 401, 200, 200, 200, 200, 200]),
    ("GET /organisations/{id}/regions", "restricted",            [404, 401, 200, 200, 404, 404, 200]),
    ("POST /organisations/{id}/merge", "public",                 [401, 401, 403, 200, 403, 403, 200]),
    ("POST /organisations/{id}/merge", "restricted",             [401, 401, 403, 200, 404, 404, 200]),

    ("GET /people", "-",                                  [200, 401, 200, 200, 200, 200, 200]),
    ("POST /people", "new",                               [401, 401, 403, 201, 403, 201, 201]),
    ("GET /people/{id}", "public",                        [200, 401, 200, 200, 200, 200, 200]),
    ("GET /people/{id}", "restricted",                    [404, 401, 200, 200, 404, 404, 200]),
    ("PUT /people/{id}", "new",                           [401, 401, 403, 201, 403, 201, 201]),
    ("PUT /people/{id}", "public",                        [401, 401, 403, 200, 403, 403, 200]),
    ("PUT /people/{id}", "restricted",                    [401, 401, 403, 200, 404, 404, 200]),
    ("PATCH /people/{id}", "public",                      [401, 401, 403, 200, 403, 403, 200]),
    ("PATCH /people/{id}", "restricted",                  [401, 401, 403, 200, 404, 404, 200]),
    ("DELETE /people/{id}", "public",                     [401, 401, 403, 204, 403, 403, 204]),
    ("DELETE /people/{id}", "restricted",                 [401, 401, 403, 204, 404, 404, 204]),
    ("GET /people/{id}/history", "public",                [200, 401, 200, 200, 200, 200, 200]),
    ("GET /people/{id}/history", "restricted",            [404, 401, 200, 200, 404, 404, 200]),
    ("GET /people/{id}/versions/{version}", "public",     [200, 401, 200, 200, 200, 200, 200]),
    ("GET /people/{id}/versions/{version}", "restricted", [404, 401, 200, 200, 404, 404, 200]),
    ("POST /people/{id}/erasure", "public",               [401, 401, 403, 200, 403, 403, 200]),
    ("POST /people/{id}/erasure", "restricted",           [401, 401, 403, 200, 404, 404, 200]),
    // All that is kept of a person is for who may change it.
    ("GET /people/{id}/dossier", "public",                [401, 401, 403, 200, 403, 403, 200]),
    ("GET /people/{id}/dossier", "restricted",            [401, 401, 403, 200, 404, 404, 200]),
    ("GET /regions/{id}/people", "public",           [200, 401, 200, 200, 200, 200, 200]),
    ("GET /regions/{id}/people", "restricted",       [404, 401, 200, 200, 404, 404, 200]),
    ("GET /organisations/{id}/people", "public",     [200, 401, 200, 200, 200, 200, 200]),
    ("GET /organisations/{id}/people", "restricted", [404, 401, 200, 200, 404, 404, 200]),
    ("GET /projects/{id}/team", "public",            [200, 401, 200, 200, 200, 200, 200]),
    ("GET /projects/{id}/team", "restricted",        [404, 401, 200, 200, 404, 404, 200]),

    ("GET /changes", "-",             [200, 401, 200, 200, 200, 200, 200]),
    ("GET /vocabularies", "-",        [200, 401, 200, 200, 200, 200, 200]),
    ("GET /vocabularies/{name}", "-", [200, 401, 200, 200, 200, 200, 200]),
    ("GET /postcodes/{pc4}", "-",     [200, 401, 200, 200, 200, 200, 200]),
    // Administrators alone; whether there is such a key is not told to others.
    ("GET /keys", "-",                [401, 401, 403, 403, 403, 403, 200]),
    ("POST /keys", "-",               [401, 401, 403, 403, 403, 403, 201]),
    ("DELETE /keys/{id}", "-",        [401, 401, 403, 403, 403, 403, 404]),
    ("DELETE /keys/{id}", "key",      [401, 401, 403, 403, 403, 403, 204]),
    // The document of the API is for anyone, whatever key the caller has.
    ("GET /openapi.json", "-",        [200, 200, 200, 200, 200, 200, 200]),
    ("GET /openapi.yaml", "-",        [200, 200, 200, 200, 200, 200, 200]),

    ("GET /projects", "-", [200, 401, 200, 200, 200, 200, 200]),
    ("POST /projects", "new", [401, 401, 403, 201, 403, 201, 201]),
    ("GET /projects/{id}", "public", [200, 401, 200, 200, 200, 200, 200]),
    ("GET /projects/{id}", "restricted", [404, 401, 200, 200, 404, 404, 200]),
    ("PUT /projects/{id}", "new", [401, 401, 403, 201, 403, 201, 201]),
    ("PUT /projects/{id}", "public", [401, 401, 403, 200, 403, 403, 200]),
    ("PUT /projects/{id}", "restricted", [401, 401, 403, 200, 404, 404, 200]),
    ("PATCH /projects/{id}", "public", [401, 401, 403, 200, 403, 403, 200]),
    ("PATCH /projects/{id}", "restricted", [401, 401, 403, 200, 404, 404, 200]),
    ("DELETE /projects/{id}", "public", [401, 401, 403, 204, 403, 403, 204]),
    ("DELETE /projects/{id}", "restricted", [401, 401, 403, 204, 404, 404, 204]),
    ("GET /projects/{id}/history", "public", [200, 401, 200, 200, 200, 200, 200]),
    ("GET /projects/{id}/history", "restricted", [404, 401, 200, 200, 404, 404, 200]),
    ("GET /projects/{id}/versions/{version}", "public", [200, 401, 200, 200, 200, 200, 200]),
    ("GET /projects/{id}/versions/{version}", "restricted", [404, 401, 200, 200, 404, 404, 200]),

    ("GET /themes", "-", [200, 401, 200, 200, 200, 200, 200]),
    ("POST /themes", "new", [401, 401, 403, 201, 403, 201, 201]),
    ("GET /themes/{id}", "public", [200, 401, 200, 200, 200, 200, 200]),
    ("GET /themes/{id}", "restricted", [404, 401, 200, 200, 404, 404, 200]),
    ("PUT /themes/{id}", "new", [401, 401, 403, 201, 403, 201, 201]),
    ("PUT /themes/{id}", "public", [401, 401, 403, 200, 403, 403, 200]),
    ("PUT /themes/{id}", "restricted", [401, 401, 403, 200, 404, 404, 200]),
    ("PATCH /themes/{id}", "public", [401, 401, 403, 200, 403, 403, 200]),
    ("PATCH /themes/{id}", "restricted", [401, 401, 403, 200, 404, 404, 200]),
    ("DELETE /themes/{id}", "public", [401, 401, 403, 204, 403, 403, 204]),
    ("DELETE /themes/{id}", "restricted", [401, 401, 403, 204, 404, 404, 204]),
    ("GET /themes/{id}/history", "public", [200, 401, 200, 200, 200, 200, 200]),
    ("GET /themes/{id}/history", "restricted", [404, 401, 200, 200, 404, 404, 200]),
    ("GET /themes/{id}/versions/{version}", "public", [200, 401, 200, 200, 200, 200, 200]),
    ("GET /themes/{id}/versions/{version}", "restricted", [404, 401, 200, 200, 404, 404, 200]),

    ("GET /stats", "-",          [200, 401, 200, 200, 200, 200, 200]),
    ("GET /stats/timeline", "-", [200, 401, 200, 200, 200, 200, 200]),

    ("GET /regions/{id}/projects", "public",         [200, 401, 200, 200, 200, 200, 200]),
    ("GET /regions/{id}/projects", "restricted",     [404, 401, 200, 200, 404, 404, 200]),
];
