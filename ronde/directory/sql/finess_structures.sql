-- The establishments of FINESS. One that the region maintains is left alone. What FINESS leaves
-- empty (phone, SIRET, address) stays as another source gave it; it says nothing of mail.

-- name: structures_changed
CREATE UNLOGGED TABLE directory_import.structure_changed AS
SELECT w.id, w.display_name, w.sort_key, w.short_name, w.finess_legal, w.category_code,
    w.is_coordination, w.fingerprint, w.commune_code,
    coalesce(nullif(w.phone, ''), p.phone) AS phone,
    coalesce(nullif(w.siret, ''), s.siret) AS siret,
    CASE WHEN w.city <> '' THEN w.address_line ELSE p.address_line END AS address_line,
    CASE WHEN w.city <> '' THEN w.postcode ELSE p.postcode END AS postcode,
    CASE WHEN w.city <> '' THEN w.city ELSE p.city END AS city
FROM directory_import.structure_wanted w
JOIN directory_party p ON p.id = w.id JOIN directory_structure s ON s.party_id = w.id
WHERE p.source <> 'region' AND (p.source <> 'finess' OR p.gone_on IS NOT NULL
    OR p.fingerprint IS DISTINCT FROM w.fingerprint);

-- name: _parties_updated
UPDATE directory_party p
SET display_name = w.display_name, sort_key = w.sort_key, phone = w.phone,
    address_line = w.address_line, postcode = w.postcode, city = w.city,
    commune_code = coalesce(nullif(w.commune_code, ''), p.commune_code), source = 'finess',
    gone_on = NULL, fingerprint = w.fingerprint
FROM directory_import.structure_changed w WHERE w.id = p.id;

-- name: _structures_updated
UPDATE directory_structure s
SET legal_name = w.display_name, short_name = w.short_name, finess_legal = w.finess_legal,
    siret = w.siret, siren = coalesce(nullif(left(w.siret, 9), ''), s.siren),
    category_code = w.category_code,
    -- SA57, SA63: sectors of coordination that Annuaire Santé gave (TRE_R02).
    is_coordination = w.is_coordination OR s.sector_code IN ('SA57', 'SA63')
FROM directory_import.structure_changed w WHERE w.id = s.party_id;

-- name: structures_added
INSERT INTO directory_party (id, kind, display_name, sort_key, phone, email, address_line, postcode,
    city, commune_code, source, fingerprint)
SELECT w.id, 2, w.display_name, w.sort_key, w.phone, '', w.address_line, w.postcode, w.city,
    w.commune_code, 'finess', w.fingerprint
FROM directory_import.structure_wanted w LEFT JOIN directory_party p ON p.id = w.id
WHERE p.id IS NULL;

-- name: _structures_added
INSERT INTO directory_structure (party_id, legal_name, short_name, technical_id, finess,
    finess_legal, siret, siren, category_code, sector_code, acts_as_legal_person, is_coordination)
SELECT w.id, w.display_name, w.short_name, '', w.finess, w.finess_legal, w.siret,
    left(w.siret, 9), w.category_code, '', false, w.is_coordination
FROM directory_import.structure_wanted w LEFT JOIN directory_structure s ON s.party_id = w.id
WHERE s.party_id IS NULL;

-- name: _counted
-- After a first load, what the tables were known to hold is far from what they hold.
ANALYZE directory_party, directory_structure;
