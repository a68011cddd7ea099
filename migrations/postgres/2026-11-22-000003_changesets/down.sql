DROP INDEX changes_by_changeset_seq;
DROP TABLE changesets;
