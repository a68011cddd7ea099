-- What changed together: the words of whoever brought it in, and a way to find its lines.

CREATE TABLE changesets (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    note TEXT COLLATE "C" NOT NULL
);
CREATE INDEX changes_by_changeset_seq ON changes (changeset, seq);

-- An import writes documents that refer to each other one after the other, so references must be able to wait for the
-- end of its transaction. SQLite can do that with any foreign key.
DO $$
DECLARE
    reference record;
BEGIN
    FOR reference IN
        SELECT conrelid::regclass AS owner, conname AS name
        FROM pg_constraint
        WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY IMMEDIATE', reference.owner, reference.name);
    END LOOP;
END
$$;
