-- Does the person who asks decide for the acting party? In their own name, or as one of the
-- super-users of the structure; never by delegation, whatever the browser pretends.
CREATE FUNCTION accounts_decides() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT app.in_person() AND (
        EXISTS (SELECT 1 FROM accounts_user u
                WHERE u.id = app.user_id() AND u.person_id = app.me() AND u.is_active)
        OR EXISTS (SELECT 1 FROM accounts_attachment a JOIN accounts_user u ON u.id = a.user_id
                   WHERE a.user_id = app.user_id() AND a.structure_id = app.me()
                     AND a.is_super_user AND a.ended_at IS NULL AND u.is_active))
$$;

ALTER POLICY created ON accounts_delegation WITH CHECK (
    (SELECT accounts_decides()) AND created_by = app.user_id() AND CASE status
        WHEN 'pending' THEN delegate_id = app.me()
        WHEN 'accepted' THEN delegator_id = app.me() ELSE false END);
ALTER POLICY changed ON accounts_delegation
    USING ((SELECT accounts_decides()) AND app.me() IN (delegator_id, delegate_id))
    WITH CHECK (CASE WHEN status IN ('accepted', 'refused')
                THEN delegator_id = app.me() AND decided_by = app.user_id()
                ELSE status = 'withdrawn' AND ended_by = app.user_id() END);

-- A request is answered once, and what was refused or withdrawn stays so.
CREATE FUNCTION accounts_delegation_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a delegation does not go from % to %', OLD.status, NEW.status
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER accounts_delegation_goes_forward BEFORE UPDATE OF status ON accounts_delegation
    FOR EACH ROW WHEN (NEW.status <> OLD.status AND NOT (
        OLD.status = 'pending' OR (OLD.status = 'accepted' AND NEW.status = 'withdrawn')))
    EXECUTE FUNCTION accounts_delegation_goes_forward();

-- Whom a party keeps at the top of its relations is its own business.
ALTER TABLE accounts_relationfavorite ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON accounts_relationfavorite
    USING (owner_id = app.me() AND app.in_person())
    WITH CHECK (owner_id = app.me() AND (SELECT accounts_decides()));
