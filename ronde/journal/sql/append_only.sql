CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE ON journal_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE TRIGGER journal_trace_append_only BEFORE UPDATE OR DELETE ON journal_accesstrace
    FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
