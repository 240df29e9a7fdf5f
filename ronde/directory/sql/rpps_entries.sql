-- After a first load: all entries at once, as directory_entry_wanted defines them one by one.

-- name: _contexts
-- Who is reached at a structure has the address that the file gives, which FINESS may word otherwise.
CREATE UNLOGGED TABLE directory_import.context AS
SELECT p.id,
    directory_area(coalesce(w.postcode, p.postcode), coalesce(w.commune_code, p.commune_code))
        AS area,
    directory_context(p.sort_key, concat_ws(' ', p.city, nullif(w.city, p.city))) AS words
FROM directory_party p LEFT JOIN directory_import.structure w ON w.id = p.id
WHERE p.kind = 2;

-- name: _contexts_counted
ANALYZE directory_import.context;

-- name: _entries_emptied
DELETE FROM directory_entry;

-- name: _structures_entered
INSERT INTO directory_entry (party_id, words)
SELECT p.id, directory_tokens(string_to_array(p.sort_key, ' '))
    || directory_area(p.postcode, p.commune_code) || c.words || directory_code_token(s.category_code)
FROM directory_party p JOIN directory_structure s ON s.party_id = p.id
JOIN directory_import.context c ON c.id = p.id;

-- name: _elsewhere
-- What the workplaces of a person give, but the first.
CREATE UNLOGGED TABLE directory_import.elsewhere AS
SELECT person_id, directory_concat(c.words) AS words
FROM (
    SELECT person_id, structure_id FROM directory_import.line WHERE NOT first
    UNION ALL
    SELECT person_id, structure_id FROM directory_post WHERE source <> 'rpps' AND gone_on IS NULL
) others JOIN directory_import.context c ON c.id = others.structure_id
GROUP BY person_id;

-- name: _elsewhere_counted
ANALYZE directory_import.elsewhere (person_id);

-- name: _persons_computed
-- Apart from what is written below, since only this can be shared between processes.
CREATE UNLOGGED TABLE directory_import.entry AS
SELECT p.id, directory_name_tokens(p.sort_key) || coalesce(c.area, directory_area('', ''))
    || c.words || o.words || directory_code_token(p.profession_code) AS words
FROM directory_import.person p
LEFT JOIN directory_import.context c ON c.id = p.structure_id
LEFT JOIN directory_import.elsewhere o ON o.person_id = p.id;

-- name: _persons_entered
INSERT INTO directory_entry (party_id, words) SELECT id, words FROM directory_import.entry;

-- name: _others_entered
INSERT INTO directory_entry (party_id, words)
SELECT party_id, words FROM directory_entry_wanted
WHERE (SELECT count(*) FROM directory_person) > (SELECT count(*) FROM directory_import.person)
  AND party_id IN (
    SELECT party_id FROM directory_person EXCEPT SELECT id FROM directory_import.person);
