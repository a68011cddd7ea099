-- A list by kind alone: all of a kind are equals there, and come by their ids.
CREATE INDEX documents_by_type_kind ON documents (type, kind, id);
