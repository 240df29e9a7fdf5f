-- The history of the identity keeps the identity alone, column by column: the death and the end of a
-- follow-up have histories of their own, and a record that is only touched wakes no trigger.
CREATE OR REPLACE FUNCTION patients_identity_of(patient patients_patient) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(patient)) WHERE key = ANY (ARRAY[
        'birth_name', 'first_given', 'given_names', 'used_name', 'used_given', 'birth_date', 'sex',
        'birth_place_code', 'birth_place', 'birth_country_code', 'twin_rank', 'nir', 'holder_nir',
        'ins', 'ins_oid', 'identity_status', 'proof', 'proof_checked_at', 'proof_checked_by',
        'is_homonym', 'is_doubtful', 'is_fictitious', 'duplicate_decision', 'email', 'mobile',
        'phone', 'address_line', 'address_extra', 'postcode', 'city', 'commune_code'])
$$;
DROP TRIGGER patients_keep_history ON patients_patient;
CREATE TRIGGER patients_keep_history AFTER UPDATE OF
    birth_name, first_given, given_names, used_name, used_given, birth_date, sex, birth_place_code,
    birth_place, birth_country_code, twin_rank, nir, holder_nir, ins, ins_oid, identity_status, proof,
    proof_checked_at, proof_checked_by, is_homonym, is_doubtful, is_fictitious, duplicate_decision,
    email, mobile, phone, address_line, address_extra, postcode, city, commune_code
    ON patients_patient FOR EACH ROW EXECUTE FUNCTION patients_keep_history();
