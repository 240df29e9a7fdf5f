-- The habilitations to look at again, in one record or in all those where the acting party may
-- write: past their date, or not used since `idle`. `overdue`: one given before has passed its date
-- when none was chosen. The last use is told without opening the traces.
CREATE FUNCTION careteam_due_habilitations(
    record uuid, today date, idle timestamptz, overdue timestamptz, size integer, start integer
)
RETURNS TABLE (member_id uuid, used_at timestamptz, total bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT due.id, (SELECT max(t.at) FROM journal_accesstrace t
                    WHERE t.patient_id = due.patient_id AND t.party_id = due.party_id
                      AND t.granted AND t.reason = 'member'), due.total
    FROM (
        SELECT m.id, m.patient_id, m.party_id, count(*) OVER () AS total
        FROM careteam_grant mine JOIN careteam_member m USING (patient_id)
        JOIN careteam_grant held ON held.party_id = m.party_id AND held.reason = 1
            AND held.patient_id = mine.patient_id
        WHERE mine.party_id = app.me() AND mine.reason = 1
          AND (record IS NULL OR mine.patient_id = record)
          AND m.removed_at IS NULL AND m.party_id <> app.me()
          AND (m.review_on <= today
               OR (m.habilitated_at < overdue AND m.review_on IS NULL)
               OR (m.habilitated_at < idle AND NOT EXISTS (
                       SELECT 1 FROM journal_accesstrace t
                       WHERE t.patient_id = m.patient_id AND t.party_id = m.party_id
                         AND t.granted AND t.reason = 'member' AND t.at >= idle)))
        ORDER BY m.habilitated_at, m.id
        LIMIT size OFFSET start
    ) due
$$;
