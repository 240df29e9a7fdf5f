-- Every word of a name is known to the search, whoever wrote the party.
CREATE FUNCTION directory_learn_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO directory_word (word, frequency)
    SELECT left(w, 100), count(*)
    FROM (SELECT unnest(string_to_array(sort_key, ' ')) AS w FROM written) said
    WHERE length(w) > 1
    GROUP BY 1
    ON CONFLICT (word) DO UPDATE SET frequency = directory_word.frequency + EXCLUDED.frequency;
    RETURN NULL;
END $$;
CREATE TRIGGER directory_words_inserted AFTER INSERT ON directory_party
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION directory_learn_words();
CREATE TRIGGER directory_words_updated AFTER UPDATE ON directory_party
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION directory_learn_words();

-- The tables between a file and the directory: the application's role does not see them.
CREATE SCHEMA IF NOT EXISTS directory_import;
