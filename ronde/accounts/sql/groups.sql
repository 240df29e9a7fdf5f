-- What a person may do with a favourite group: 3 all (owner), 2 change it, 1 use it, 0 nothing.
-- As its definer, because the three tables below ask it about one another.
CREATE FUNCTION accounts_group_right(asked uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((
        SELECT CASE WHEN g.owner_id = app.user_id() THEN 3 WHEN s.may_edit THEN 2
                    WHEN s.id IS NOT NULL THEN 1 ELSE 0 END
        FROM accounts_favouritegroup g
        LEFT JOIN accounts_favouritegroupshare s ON s.group_id = g.id AND s.user_id = app.user_id()
        WHERE g.id = asked), 0)
$$;

ALTER TABLE accounts_favouritegroup ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON accounts_favouritegroup FOR SELECT
    USING (owner_id = app.user_id() OR accounts_group_right(id) >= 1);
CREATE POLICY created ON accounts_favouritegroup FOR INSERT WITH CHECK (owner_id = app.user_id());
CREATE POLICY renamed ON accounts_favouritegroup FOR UPDATE USING (accounts_group_right(id) >= 2);
CREATE POLICY deleted ON accounts_favouritegroup FOR DELETE USING (owner_id = app.user_id());

ALTER TABLE accounts_favouritegroupmember ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON accounts_favouritegroupmember FOR SELECT
    USING (accounts_group_right(group_id) >= 1);
CREATE POLICY added ON accounts_favouritegroupmember FOR INSERT
    WITH CHECK (accounts_group_right(group_id) >= 2);
CREATE POLICY taken ON accounts_favouritegroupmember FOR DELETE
    USING (accounts_group_right(group_id) >= 2);

-- The owner shares; whoever it is shared with may leave.
ALTER TABLE accounts_favouritegroupshare ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON accounts_favouritegroupshare FOR SELECT
    USING (user_id = app.user_id() OR accounts_group_right(group_id) >= 1);
CREATE POLICY given ON accounts_favouritegroupshare FOR INSERT
    WITH CHECK (accounts_group_right(group_id) = 3);
CREATE POLICY changed ON accounts_favouritegroupshare FOR UPDATE
    USING (accounts_group_right(group_id) = 3);
CREATE POLICY ended ON accounts_favouritegroupshare FOR DELETE
    USING (user_id = app.user_id() OR accounts_group_right(group_id) = 3);
