DROP INDEX documents_by_type_kind;
