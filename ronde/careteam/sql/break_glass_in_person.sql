-- A break-glass access engages a human being: nobody takes one in the name of another.
ALTER POLICY broken ON careteam_breakglass WITH CHECK (
    app.in_person() AND party_id = app.me() AND user_id = app.user_id() AND ended_at IS NULL
    AND until <= statement_timestamp() + interval '2 hours 5 seconds');
