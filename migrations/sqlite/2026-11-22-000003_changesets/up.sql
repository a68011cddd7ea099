-- What changed together: the words of whoever brought it in, and a way to find its lines.

CREATE TABLE changesets (
    id TEXT NOT NULL PRIMARY KEY,
    note TEXT NOT NULL
);
CREATE INDEX changes_by_changeset_seq ON changes (changeset, seq);
