-- What the search reads of each party: the words of its name, and of where it stands, as tokens.
-- A token is the hash of a word: numbers are compared, stored and indexed at half the cost of text.
-- The hash of a text is the same in every version of PostgreSQL, as hash partitions require.
CREATE FUNCTION directory_tokens(words text[]) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(SELECT hashtext(w) FROM unnest(words) AS w);

-- The words of the folded name of a person, and each two neighbours as one: LE GOFF is LEGOFF too.
CREATE FUNCTION directory_compound_tokens(name text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(
    SELECT hashtext(t)
    FROM (
        SELECT w, lead(w) OVER (ORDER BY rank) AS next
        FROM unnest(string_to_array(name, ' ')) WITH ORDINALITY AS u (w, rank)
    ) neighbours, unnest(ARRAY[w, w || next]) AS t
    WHERE t IS NOT NULL
);

-- Nearly every name has two words: without a query inside, they cost three times less.
CREATE FUNCTION directory_name_tokens(name text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN split_part(name, ' ', 2) <> '' AND split_part(name, ' ', 3) = ''
        THEN ARRAY[hashtext(split_part(name, ' ', 1)), hashtext(split_part(name, ' ', 2))]
    ELSE directory_compound_tokens(name)
END;

-- What a place gives to those who work there: its words marked «x», without those that tell no
-- place apart (search.IDLE).
CREATE FUNCTION directory_context(name text, city text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000
RETURN ARRAY(
    SELECT DISTINCT hashtext('x' || w)
    FROM unnest(string_to_array(concat_ws(' ', name, directory_fold(city)), ' ')) AS w
    WHERE length(w) > 1 AND w <> ALL (
        '{DE,DU,DES,LA,LE,LES,ET,EN,SUR,AUX,AU,SOUS,CABINET,DR,DOCTEUR,SELARL,SCM,SCP}'::text[])
);

-- The area of an address, where its postcode begins, marked «d».
CREATE FUNCTION directory_area(postcode text, commune text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashtext('d' || left(CASE WHEN postcode = '' THEN commune ELSE postcode END, 2));

-- The code of a profession or of a category is a token as it is.
CREATE FUNCTION directory_code_token(code text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN code <> '' THEN ARRAY[hashtext(code)] END;

CREATE AGGREGATE directory_concat(integer[]) (SFUNC = array_cat, STYPE = integer[], PARALLEL = safe);

CREATE VIEW directory_entry_wanted AS
SELECT p.id AS party_id,
    CASE p.kind WHEN 1 THEN directory_name_tokens(p.sort_key)
        ELSE directory_tokens(string_to_array(p.sort_key, ' ')) END
    || directory_area(p.postcode, p.commune_code)
    || directory_context(CASE WHEN p.kind = 2 THEN p.sort_key END, p.city)
    || (
        SELECT directory_concat(directory_context(w.sort_key, w.city))
        FROM directory_post o JOIN directory_party w ON w.id = o.structure_id
        WHERE o.person_id = p.id AND o.gone_on IS NULL
    )
    || directory_code_token(coalesce(n.profession_code, s.category_code)) AS words
FROM directory_party p
LEFT JOIN directory_person n ON n.party_id = p.id
LEFT JOIN directory_structure s ON s.party_id = p.id;

-- Whoever writes the directory, the entries follow: those of the parties written, and of whoever
-- works at a structure that changes. The argument of a trigger is the column that names the party.
CREATE FUNCTION directory_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_nestloop = on AS $$
DECLARE ids uuid[];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM written', TG_ARGV[0]) INTO ids;
    IF ids IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'directory_party' AND TG_OP = 'UPDATE' THEN
        ids := ids || ARRAY(SELECT person_id FROM directory_post WHERE structure_id = ANY (ids));
    END IF;
    INSERT INTO directory_entry (party_id, words)
    SELECT party_id, words FROM directory_entry_wanted WHERE party_id = ANY (ids)
    ON CONFLICT (party_id) DO UPDATE SET words = EXCLUDED.words
    WHERE directory_entry.words IS DISTINCT FROM EXCLUDED.words;
    RETURN NULL;
END $$;

CREATE TRIGGER directory_party_inserted AFTER INSERT ON directory_party
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION directory_follow('id');
CREATE TRIGGER directory_party_updated AFTER UPDATE ON directory_party
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION directory_follow('id');
CREATE TRIGGER directory_person_inserted AFTER INSERT ON directory_person
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION directory_follow('party_id');
CREATE TRIGGER directory_person_updated AFTER UPDATE ON directory_person
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION directory_follow('party_id');
CREATE TRIGGER directory_structure_inserted AFTER INSERT ON directory_structure
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION directory_follow('party_id');
CREATE TRIGGER directory_structure_updated AFTER UPDATE ON directory_structure
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION directory_follow('party_id');
CREATE TRIGGER directory_post_inserted AFTER INSERT ON directory_post
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION directory_follow('person_id');
CREATE TRIGGER directory_post_updated AFTER UPDATE ON directory_post
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION directory_follow('person_id');
CREATE TRIGGER directory_post_deleted AFTER DELETE ON directory_post
    REFERENCING OLD TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION directory_follow('person_id');

-- The known words are those of towns too.
CREATE OR REPLACE FUNCTION directory_learn_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO directory_word (word, frequency)
    SELECT left(w, 100), count(*)
    FROM (
        SELECT unnest(string_to_array(sort_key || ' ' || directory_fold(city), ' ')) AS w
        FROM written
    ) said
    WHERE length(w) > 1
    GROUP BY 1
    ON CONFLICT (word) DO UPDATE SET frequency = directory_word.frequency + EXCLUDED.frequency;
    RETURN NULL;
END $$;

-- What the directory already holds.
INSERT INTO directory_entry (party_id, words) SELECT party_id, words FROM directory_entry_wanted;
INSERT INTO directory_word (word, frequency)
SELECT left(w, 100), count(*)
FROM (
    SELECT unnest(string_to_array(directory_fold(city), ' ')) AS w FROM directory_party WHERE kind = 2
) said
WHERE length(w) > 1
GROUP BY 1
ON CONFLICT (word) DO UPDATE SET frequency = directory_word.frequency + EXCLUDED.frequency;
