ALTER TABLE worklist_savedsearch ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON worklist_savedsearch
    USING (user_id = app.user_id()) WITH CHECK (user_id = app.user_id());

-- A star shows only on a record that may still be opened.
ALTER TABLE worklist_favourite ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON worklist_favourite
    USING (user_id = app.user_id()) WITH CHECK (user_id = app.user_id()
        AND (SELECT true FROM careteam_grant g WHERE g.party_id = app.me()
             AND g.patient_id = worklist_favourite.patient_id));
