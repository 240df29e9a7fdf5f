-- The persons of the extraction.

-- name: persons_changed
CREATE UNLOGGED TABLE directory_import.person_changed AS
SELECT w.* FROM directory_import.person_wanted w JOIN directory_party p ON p.id = w.id
WHERE EXISTS (SELECT FROM directory_person)
  AND (p.fingerprint IS DISTINCT FROM w.fingerprint OR p.gone_on IS NOT NULL);

-- name: _parties_updated
UPDATE directory_party p
SET display_name = w.display_name, sort_key = w.sort_key, phone = w.phone, email = w.email,
    address_line = w.address_line, postcode = w.postcode, city = w.city, source = 'rpps',
    commune_code = w.commune_code, gone_on = NULL, fingerprint = w.fingerprint
FROM directory_import.person_changed w WHERE w.id = p.id;

-- name: _persons_updated
UPDATE directory_person n
SET family_name = w.family_name, given_name = w.given_name, title = w.title,
    rpps = CASE WHEN w.rpps <> '' THEN w.rpps ELSE n.rpps END,
    adeli = CASE WHEN w.adeli <> '' THEN w.adeli ELSE n.adeli END,
    profession_code = w.profession_code
FROM directory_import.person_changed w WHERE w.id = n.party_id;

-- name: persons_added
INSERT INTO directory_party (id, kind, display_name, sort_key, phone, email, address_line, postcode,
    city, commune_code, source, fingerprint)
SELECT w.id, 1, w.display_name, w.sort_key, w.phone, w.email, w.address_line, w.postcode, w.city,
    w.commune_code, 'rpps', w.fingerprint
FROM directory_import.person_wanted w LEFT JOIN directory_party p ON p.id = w.id
WHERE p.id IS NULL;

-- name: _persons_added
INSERT INTO directory_person (party_id, family_name, given_name, title, rpps, adeli,
    profession_code)
SELECT w.id, w.family_name, w.given_name, w.title, w.rpps, w.adeli, w.profession_code
FROM directory_import.person w LEFT JOIN directory_person n ON n.party_id = w.id
WHERE n.party_id IS NULL;
