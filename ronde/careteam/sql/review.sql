-- The review of break-glass accesses. The privacy officer on duty reads the accesses, what was
-- opened through them, the kinds of what was written, and the number of the record: nothing else.
-- Whoever broke the glass reads what they are asked about it, as whomever they act now.
ALTER POLICY readable ON careteam_breakglass USING (
    party_id = app.me() OR user_id = app.user_id()
    OR (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = careteam_breakglass.patient_id)
    OR (SELECT accounts_on_duty('privacy_officer')));

ALTER POLICY readable ON journal_accesstrace USING (
    granted AND ((SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
                  AND g.patient_id = journal_accesstrace.patient_id)
                 OR (reason = 'break_glass' AND (SELECT accounts_on_duty('privacy_officer')))));

ALTER TABLE careteam_review ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON careteam_review FOR SELECT
    USING ((SELECT accounts_on_duty('privacy_officer')));
CREATE POLICY written ON careteam_review FOR INSERT
    WITH CHECK ((SELECT accounts_on_duty('privacy_officer')) AND decided_by = app.user_id());
CREATE POLICY changed ON careteam_review FOR UPDATE
    USING ((SELECT accounts_on_duty('privacy_officer')) AND closed_at IS NULL)
    WITH CHECK (decided_by = app.user_id());

ALTER TABLE careteam_explanation ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON careteam_explanation FOR SELECT USING (
    (SELECT accounts_on_duty('privacy_officer'))
    OR (SELECT b.user_id = app.user_id() FROM careteam_breakglass b WHERE b.id = glass_id));
CREATE POLICY asked ON careteam_explanation FOR INSERT
    WITH CHECK ((SELECT accounts_on_duty('privacy_officer')) AND asked_by = app.user_id()
                AND answered_at IS NULL AND answer = '');
-- Answered once, by the person who broke the glass.
CREATE POLICY answered ON careteam_explanation FOR UPDATE
    USING (answered_at IS NULL
           AND (SELECT b.user_id = app.user_id() FROM careteam_breakglass b WHERE b.id = glass_id))
    WITH CHECK (answered_at IS NOT NULL AND answer <> '');

-- A closed review dates the access itself.
CREATE FUNCTION careteam_review_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE careteam_breakglass SET reviewed_at = NEW.closed_at WHERE id = NEW.glass_id;
    RETURN NULL;
END $$;
CREATE TRIGGER careteam_review_closed AFTER INSERT OR UPDATE ON careteam_review FOR EACH ROW
    WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION careteam_review_closed();

-- The numbers of the records that were opened by break-glass, for the queue.
CREATE FUNCTION careteam_reviewed_records(patients uuid[])
RETURNS TABLE (patient_id uuid, record_number bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, p.record_number FROM patients_patient p
    WHERE p.id = ANY (patients) AND accounts_on_duty('privacy_officer')
      AND EXISTS (SELECT 1 FROM careteam_breakglass b WHERE b.patient_id = p.id)
$$;

-- What was recorded through an access: kinds and hours, not the words.
CREATE FUNCTION careteam_glass_events(glass uuid)
RETURNS TABLE (entry_id uuid, event text, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT j.id, j.event::text, j.at
    FROM careteam_breakglass b JOIN journal_journalentry j
      ON j.patient_id = b.patient_id AND j.user_id = b.user_id AND j.party_id = b.party_id
     AND j.at BETWEEN b.opened_at AND coalesce(b.ended_at, b.until)
    WHERE b.id = glass AND accounts_on_duty('privacy_officer')
    ORDER BY j.at
$$;

-- What is published: how many, each month, by kind of structure. No person, no record.
-- Kinds are categories of establishments, «person» for professionals in their own name.
CREATE FUNCTION careteam_glass_counts(zone text)
RETURNS TABLE (month date, kind text, accesses bigint, reviewed bigint, unjustified bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT date_trunc('month', b.opened_at AT TIME ZONE zone)::date,
           CASE WHEN s.party_id IS NULL THEN 'person' ELSE s.category_code END::text, count(*), count(b.reviewed_at),
           count(*) FILTER (WHERE r.verdict = 'unjustified' AND r.closed_at IS NOT NULL)
    FROM careteam_breakglass b
    LEFT JOIN directory_structure s ON s.party_id = b.party_id
    LEFT JOIN careteam_review r ON r.glass_id = b.id
    WHERE b.opened_at > now() - interval '24 months'
    GROUP BY 1, 2
    ORDER BY 1 DESC, 3 DESC
$$;
