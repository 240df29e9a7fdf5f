-- An account asked for from a circle is seen by the circle, asked for and settled by its writers.
ALTER TABLE careteam_awaitedaccount ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON careteam_awaitedaccount FOR SELECT USING (
    (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = careteam_awaitedaccount.patient_id));
CREATE POLICY asked ON careteam_awaitedaccount FOR INSERT WITH CHECK (
    asked_by_party = app.me() AND asked_by_user = app.user_id() AND settled_at IS NULL
    AND (SELECT g.reason = 1 FROM careteam_member m JOIN careteam_grant g USING (patient_id)
        WHERE m.id = careteam_awaitedaccount.member_id AND g.party_id = app.me()
          AND m.patient_id = careteam_awaitedaccount.patient_id));
CREATE POLICY settled ON careteam_awaitedaccount FOR UPDATE USING (
    (SELECT g.reason = 1 FROM careteam_grant g WHERE g.party_id = app.me()
        AND g.patient_id = careteam_awaitedaccount.patient_id));

-- A request that was refused gives no account: nobody waits for it any more.
CREATE FUNCTION careteam_stop_waiting(request uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE careteam_awaitedaccount a SET settled_at = statement_timestamp(), outcome = 'declined'
    FROM accounts_accountrequest r
    WHERE r.id = request AND r.status = 'refused' AND a.request_id = r.id AND a.settled_at IS NULL
$$;
