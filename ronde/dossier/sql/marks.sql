-- Marks and attempts belong to the human being, in whoever's name they act.
ALTER TABLE dossier_readmark ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON dossier_readmark
    USING (user_id = app.user_id()) WITH CHECK (user_id = app.user_id());

ALTER TABLE dossier_breakglassattempt ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON dossier_breakglassattempt
    USING (user_id = app.user_id()) WITH CHECK (user_id = app.user_id());
