-- From the lines of FINESS (directory_import.finess) to the establishments that the directory
-- should hold, directory_import.structure. Nothing outside that schema is written.

-- name: structures_read
-- One that the directory knows under its FINESS number keeps its key.
CREATE UNLOGGED TABLE directory_import.structure AS
SELECT *, left(directory_fold(concat_ws(' ', display_name,
        CASE WHEN short_name <> display_name THEN short_name END)), 500) AS sort_key
FROM (
    SELECT
        coalesce(s.party_id, directory_key('finess:' || r.finess)) AS id,
        left(coalesce(nullif(r.long_name, ''), r.short_name), 250) AS display_name,
        left(r.short_name, 120) AS short_name,
        r.finess,
        left(r.finess_legal, 9) AS finess_legal,
        CASE WHEN r.siret ~ '^[0-9]{14}$' THEN r.siret ELSE '' END AS siret,
        left(r.category, 10) AS category_code,
        -- Centres locaux d'information et de coordination, CPTS, DAC (TRE_R66).
        r.category IN ('463', '604', '606') AS is_coordination,
        directory_phone(r.phone) AS phone,
        left(coalesce(nullif(concat_ws(', ', nullif(concat_ws(' ', nullif(r.street_number, ''),
            nullif(r.street_repeat, ''), nullif(r.street_type, ''), nullif(r.street, '')), ''),
            nullif(r.locality, '')), ''), r.distribution), 250) AS address_line,
        coalesce(substring(r.routing FROM '^[0-9]{5}'), '') AS postcode,
        left(regexp_replace(r.routing, '^[0-9]{5} *', ''), 100) AS city,
        -- Three digits that follow the département; 9A is 971, 9B 972, 9C 973, 9D 974, 9F 976
        -- and 9J 986, of which the commune repeats the last digit (9C and 302: 97302). Saint-
        -- Barthélemy and Saint-Martin stand under 9A with communes of their own (701, 801).
        CASE
            WHEN r.commune ~ '^[0-9][0-9AB][0-9]{3}$' THEN r.commune
            WHEN r.commune !~ '^[0-9]{3}$' THEN ''
            WHEN r.departement ~ '^9[A-F]$' THEN '97' || r.commune
            WHEN r.departement ~ '^9[G-J]$' THEN '98' || r.commune
            WHEN r.departement ~ '^([0-9]{2}|2[AB])$' THEN r.departement || r.commune
            ELSE ''
        END AS commune_code
    FROM directory_import.finess r
    LEFT JOIN directory_structure s ON s.finess = r.finess
) establishments;

-- name: _structures_once
ALTER TABLE directory_import.structure ADD PRIMARY KEY (id);

-- name: _structures_counted
ANALYZE directory_import.structure;

-- name: _structures_wanted
CREATE VIEW directory_import.structure_wanted AS
SELECT *, hashtextextended(concat_ws('|', sort_key, display_name, short_name, finess, finess_legal,
    siret, category_code, phone, address_line, postcode, city, commune_code), 0) AS fingerprint
FROM directory_import.structure;

-- name: _lines_dropped
DROP TABLE directory_import.finess;
