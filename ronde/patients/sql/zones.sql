-- Zones are read by everybody and kept by an administrator, in the console.
ALTER TABLE patients_zone ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON patients_zone FOR SELECT USING (true);
CREATE POLICY added ON patients_zone FOR INSERT
    WITH CHECK ((SELECT accounts_on_duty('administrator')));
CREATE POLICY changed ON patients_zone FOR UPDATE
    USING ((SELECT accounts_on_duty('administrator')));

-- How many records have their address in each of these communes: numbers, for who draws the zones.
CREATE FUNCTION patients_in_communes(codes text[]) RETURNS TABLE (code varchar, records bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.commune_code, count(*) FROM patients_patient p
    WHERE p.commune_code = ANY (codes) AND (SELECT accounts_on_duty('administrator'))
      AND NOT EXISTS (SELECT 1 FROM patients_merge m
                      WHERE m.other_id = p.id AND m.undone_at IS NULL)
    GROUP BY p.commune_code
$$;
