-- From the lines of the extraction (directory_import.rpps) to what the directory should hold:
-- directory_import.place, structure, person and post. Nothing outside that schema is written.
-- Each statement has a name; a count is kept when the name does not start with «_».

-- name: _places
-- One row for each workplace that lines name. A FINESS number names it best, then the identifier
-- of Annuaire Santé (F + FINESS and C + SIRET are those numbers), then the SIRET.
CREATE UNLOGGED TABLE directory_import.place AS
SELECT code, line, name, directory_key(name) AS structure_id
FROM (
    SELECT code, line, CASE
        WHEN finess ~ '^[0-9][0-9AB][0-9]{7}$' THEN 'finess:' || finess
        WHEN code ~ '^F[0-9][0-9AB][0-9]{7}$' THEN 'finess:' || substr(code, 2)
        WHEN code ~ '^C?[0-9]{14}$' THEN 'siret:' || right(code, 14)
        ELSE 'rass:' || code
    END AS name
    FROM (
        SELECT directory_place_code(technical_id, finess, siret, legal_name, postcode, street)
            AS code, min(ctid) AS line, max(finess) AS finess
        FROM directory_import.rpps GROUP BY 1
    ) coded WHERE code IS NOT NULL
) named;

-- name: _places_known
-- A structure that is in the directory under its FINESS number keeps its key.
UPDATE directory_import.place p SET structure_id = s.party_id
FROM directory_structure s
WHERE s.finess <> '' AND p.name = 'finess:' || s.finess AND p.structure_id <> s.party_id;

-- name: _places_counted
ANALYZE directory_import.place (code, structure_id);

-- name: _structures_by_place
-- One line in twelve is wanted: fetched one by one they cost less than all of them scanned.
SET LOCAL enable_nestloop = on;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;

-- name: structures_read
CREATE UNLOGGED TABLE directory_import.structure AS
SELECT *, directory_fold(CASE WHEN legal_name = display_name THEN display_name
        ELSE display_name || ' ' || legal_name END)::varchar(500) AS sort_key
FROM (
    SELECT DISTINCT ON (p.structure_id)
        p.structure_id AS id,
        coalesce(nullif(r.short_name, ''), nullif(r.legal_name, ''), nullif(r.addressee, ''),
            'Structure ' || substr(p.name, strpos(p.name, ':') + 1))::varchar(250) AS display_name,
        coalesce(nullif(r.legal_name, ''), nullif(r.short_name, ''), nullif(r.addressee, ''),
            'Structure ' || substr(p.name, strpos(p.name, ':') + 1))::varchar(250) AS legal_name,
        r.short_name::varchar(120) AS short_name,
        r.technical_id::varchar(60) AS technical_id,
        CASE WHEN p.name ^@ 'finess:' THEN substr(p.name, 8) ELSE '' END::varchar(9) AS finess,
        r.finess_legal::varchar(9) AS finess_legal,
        CASE WHEN length(r.siret) = 14 THEN r.siret ELSE '' END::varchar(14) AS siret,
        CASE WHEN length(r.siren) = 9 THEN r.siren ELSE r.siret END::varchar(9) AS siren,
        r.sector::varchar(10) AS sector_code,
        r.sector IN ('SA57', 'SA63') AS is_coordination,
        directory_phone(r.phone)::varchar(40) AS phone,
        lower(btrim(r.email))::varchar(254) AS email,
        coalesce(nullif(concat_ws(' ', nullif(r.street_number, ''), nullif(r.street_repeat, ''),
            nullif(r.street_type, ''), nullif(r.street, '')), ''), r.distribution)::varchar(250)
            AS address_line,
        coalesce(nullif(r.postcode, ''), substring(r.cedex FROM '^[0-9]{5}'), '')::varchar(10)
            AS postcode,
        coalesce(nullif(r.city, ''), regexp_replace(r.cedex, '^[0-9]{5} *', ''))::varchar(100)
            AS city,
        r.commune::varchar(5) AS commune_code
    FROM directory_import.place p JOIN directory_import.rpps r ON r.ctid = p.line
    ORDER BY p.structure_id, p.line
) structures;

-- name: _structures_counted
SET LOCAL enable_nestloop = off;
SET LOCAL enable_hashjoin = on;
SET LOCAL enable_mergejoin = on;
ANALYZE directory_import.structure (id);

-- name: _lines
-- What each line says: a post (its key is the MD5 of all that a post says), and for the first line
-- of a person who they are.
CREATE UNLOGGED TABLE directory_import.line AS
SELECT
    md5(concat_ws('|', r.id_type || r.id_number, p.name, r.profession, r.category,
        r.know_how_type, r.know_how, r.mode, r.function, r.sector))::uuid AS id,
    directory_person_key(r.id_type, r.id_number) AS person_id,
    p.structure_id,
    coalesce(q.qualified, 'G15:' || r.profession)::varchar(20) AS profession_code,
    r.category::varchar(5) AS category_code,
    r.know_how_type::varchar(10) AS know_how_type,
    r.know_how::varchar(20) AS know_how_code,
    r.mode::varchar(5) AS mode_code,
    r.function::varchar(20) AS function_code,
    r.sector::varchar(10) AS sector_code,
    r.first,
    CASE WHEN r.first THEN r.id_type || r.id_number END AS national_id,
    CASE WHEN r.first THEN r.family_name END AS family_name,
    CASE WHEN r.first THEN r.given_name END AS given_name,
    CASE WHEN r.first THEN r.title END AS title
FROM directory_import.rpps r
LEFT JOIN directory_import.profession q ON q.code = r.profession
LEFT JOIN directory_import.place p ON p.code = directory_place_code(r.technical_id, r.finess,
    r.siret, r.legal_name, r.postcode, r.street);

-- name: persons_read
-- Somebody works first where their first line says; `structure_id` is where they are reached.
CREATE UNLOGGED TABLE directory_import.person AS
SELECT
    person_id AS id, structure_id, profession_code,
    family_name::varchar(120) AS family_name,
    given_name::varchar(120) AS given_name,
    directory_fold(family_name || ' ' || given_name)::varchar(500) AS sort_key,
    title::varchar(60) AS title,
    CASE WHEN national_id ^@ '8' THEN substr(national_id, 2) ELSE '' END::varchar(11) AS rpps,
    CASE WHEN national_id ^@ '0' THEN substr(national_id, 2) ELSE '' END::varchar(9) AS adeli
FROM directory_import.line WHERE first;

-- name: _persons_split
-- Only a file whose lines are not grouped by person names somebody twice.
CREATE UNLOGGED TABLE directory_import.split AS
SELECT id, min(ctid) AS kept FROM directory_import.person GROUP BY id HAVING count(*) > 1;

-- name: _persons_once
DELETE FROM directory_import.person p
USING directory_import.split s WHERE p.id = s.id AND p.ctid <> s.kept;

-- name: _lines_of_split_persons
UPDATE directory_import.line SET first = false
WHERE first AND person_id IN (SELECT id FROM directory_import.split);

-- name: _persons_counted
ANALYZE directory_import.person (id, structure_id), directory_import.line (id, person_id);

-- name: _persons_placed
-- Somebody whose first line names no workplace is reached at the first one that a line names.
UPDATE directory_import.person p SET structure_id = f.structure_id
FROM (
    SELECT DISTINCT ON (l.person_id) l.person_id, l.structure_id
    FROM directory_import.person n JOIN directory_import.line l ON l.person_id = n.id
    WHERE n.structure_id IS NULL AND l.structure_id IS NOT NULL AND NOT l.first
    ORDER BY l.person_id, l.ctid
) f WHERE f.person_id = p.id;

-- name: posts_repeated
-- Two lines may say the same post: they differ by something that the directory does not keep. At
-- least one of them is not the first line of its person.
DELETE FROM directory_import.line l
USING (
    SELECT l.id, min(least(l.ctid, o.ctid)) AS kept
    FROM directory_import.line o JOIN directory_import.line l ON l.id = o.id AND l.ctid <> o.ctid
    WHERE NOT o.first GROUP BY l.id
) twice
WHERE l.id = twice.id AND l.ctid <> twice.kept;

-- name: _persons_known
-- Somebody whom the directory knows under the same number with another key keeps that key.
CREATE UNLOGGED TABLE directory_import.known AS
SELECT n.id AS drawn, p.party_id AS id
FROM directory_import.person n JOIN directory_person p ON p.rpps = n.rpps
WHERE n.rpps <> '' AND p.party_id <> n.id AND EXISTS (SELECT FROM directory_person)
UNION ALL
SELECT n.id, p.party_id
FROM directory_import.person n JOIN directory_person p ON p.adeli = n.adeli
WHERE n.adeli <> '' AND p.party_id <> n.id AND EXISTS (SELECT FROM directory_person);

-- name: _persons_rekeyed
UPDATE directory_import.person n SET id = k.id FROM directory_import.known k WHERE k.drawn = n.id;

-- name: _posts_rekeyed
UPDATE directory_import.line l SET person_id = k.id
FROM directory_import.known k WHERE k.drawn = l.person_id;

-- name: _structures_wanted
CREATE VIEW directory_import.structure_wanted AS
SELECT *, hashtextextended(concat_ws('|', sort_key, display_name, legal_name, short_name,
    technical_id, finess, finess_legal, siret, siren, sector_code, phone, email, address_line,
    postcode, city, commune_code), 0) AS fingerprint
FROM directory_import.structure;

-- name: _persons_wanted
CREATE VIEW directory_import.person_wanted AS
SELECT *, btrim(family_name || ' ' || given_name)::varchar(250) AS display_name,
    hashtextextended(concat_ws('|', family_name, given_name, title, rpps, adeli, profession_code,
        phone, email, address_line, postcode, city, commune_code), 0) AS fingerprint
FROM (
    SELECT n.*, coalesce(s.phone, '') AS phone, coalesce(s.email, '') AS email,
        coalesce(s.address_line, '') AS address_line, coalesce(s.postcode, '') AS postcode,
        coalesce(s.city, '') AS city, coalesce(s.commune_code, '') AS commune_code
    FROM directory_import.person n LEFT JOIN directory_import.structure s ON s.id = n.structure_id
) reached;

-- name: _lines_dropped
DROP TABLE directory_import.rpps;
