-- Every change of an identity is kept as proof: the columns that changed, before and after, whoever
-- wrote and by whatever door. What is computed from other columns is left out.
CREATE FUNCTION patients_identity_of(patient patients_patient) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT to_jsonb(patient) - '{version,updated_at,sort_key,name_key,given_key,used_key,blocking_keys}'::text[]
$$;

CREATE FUNCTION patients_keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE before jsonb; after jsonb;
BEGIN
    SELECT jsonb_object_agg(key, was.value), jsonb_object_agg(key, became.value) INTO before, after
    FROM jsonb_each(patients_identity_of(OLD)) was
    JOIN jsonb_each(patients_identity_of(NEW)) became USING (key)
    WHERE was.value IS DISTINCT FROM became.value;
    IF before IS NOT NULL THEN
        INSERT INTO patients_identityhistory
            (patient_id, at, version, user_id, party_id, request_id, before, after)
        VALUES (NEW.id, clock_timestamp(), NEW.version, app.user_id(), app.me(),
                coalesce(current_setting('app.request', true), ''), before, after);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER patients_keep_history AFTER UPDATE ON patients_patient
    FOR EACH ROW EXECUTE FUNCTION patients_keep_history();
CREATE TRIGGER patients_history_append_only BEFORE UPDATE OR DELETE ON patients_identityhistory
    FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();

-- Who may read the patient may read how the identity came to be: the policy asks the patient's own.
ALTER TABLE patients_identityhistory ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON patients_identityhistory FOR SELECT USING (
    (SELECT true FROM patients_patient p WHERE p.id = patients_identityhistory.patient_id));
