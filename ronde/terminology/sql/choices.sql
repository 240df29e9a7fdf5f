-- What the region chooses is read by everybody and kept by an administrator, in the console.
ALTER TABLE terminology_withheld ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON terminology_withheld FOR SELECT USING (true);
CREATE POLICY added ON terminology_withheld FOR INSERT
    WITH CHECK ((SELECT accounts_on_duty('administrator')));
CREATE POLICY removed ON terminology_withheld FOR DELETE
    USING ((SELECT accounts_on_duty('administrator')));

ALTER TABLE terminology_regionalrole ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON terminology_regionalrole FOR SELECT USING (true);
CREATE POLICY added ON terminology_regionalrole FOR INSERT
    WITH CHECK ((SELECT accounts_on_duty('administrator')));
CREATE POLICY changed ON terminology_regionalrole FOR UPDATE
    USING ((SELECT accounts_on_duty('administrator')));

-- The date of the last choice; everything else in it is for the import, which is the owner's.
ALTER TABLE terminology_codesystem ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON terminology_codesystem FOR SELECT USING (true);
CREATE POLICY chosen ON terminology_codesystem FOR UPDATE
    USING ((SELECT accounts_on_duty('administrator')));
