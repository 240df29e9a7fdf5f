-- What was published is read by anybody; the draft, by the administrators who write it.
ALTER TABLE accounts_termsversion ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON accounts_termsversion FOR SELECT
    USING (published_at IS NOT NULL OR (SELECT accounts_on_duty('administrator')));
CREATE POLICY drafted ON accounts_termsversion FOR INSERT
    WITH CHECK (published_at IS NULL AND (SELECT accounts_on_duty('administrator')));
CREATE POLICY changed ON accounts_termsversion FOR UPDATE
    USING ((SELECT accounts_on_duty('administrator')))
    WITH CHECK (published_at IS NULL OR published_by = app.user_id());
CREATE POLICY dropped ON accounts_termsversion FOR DELETE
    USING (published_at IS NULL AND (SELECT accounts_on_duty('administrator')));

-- People accept a text: from the moment it is in force it is never changed nor removed. Published
-- for a later date, it may only become a draft again.
CREATE FUNCTION accounts_keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NULL
        OR (TG_OP = 'UPDATE' AND OLD.in_force_at > clock_timestamp() AND NEW.published_at IS NULL) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE insufficient_privilege USING MESSAGE = 'published terms are never changed nor removed';
END $$;
CREATE TRIGGER accounts_terms_kept BEFORE UPDATE OR DELETE ON accounts_termsversion
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_terms();
