-- The structures of the extraction. One that FINESS or the region maintains is left alone.

-- name: structures_changed
CREATE UNLOGGED TABLE directory_import.structure_changed AS
SELECT w.* FROM directory_import.structure_wanted w JOIN directory_party p ON p.id = w.id
WHERE p.source IN ('rpps', 'local')
  AND (p.fingerprint IS DISTINCT FROM w.fingerprint OR p.gone_on IS NOT NULL);

-- name: _parties_updated
UPDATE directory_party p
SET display_name = w.display_name, sort_key = w.sort_key, phone = w.phone, email = w.email,
    address_line = w.address_line, postcode = w.postcode, city = w.city,
    commune_code = w.commune_code, source = 'rpps', gone_on = NULL, fingerprint = w.fingerprint
FROM directory_import.structure_changed w WHERE w.id = p.id;

-- name: _structures_updated
UPDATE directory_structure s
SET legal_name = w.legal_name, short_name = w.short_name, technical_id = w.technical_id,
    finess_legal = w.finess_legal, siret = w.siret, siren = w.siren,
    sector_code = w.sector_code, is_coordination = w.is_coordination
FROM directory_import.structure_changed w WHERE w.id = s.party_id;

-- name: structures_added
INSERT INTO directory_party (id, kind, display_name, sort_key, phone, email, address_line, postcode,
    city, commune_code, source, fingerprint)
SELECT w.id, 2, w.display_name, w.sort_key, w.phone, w.email, w.address_line, w.postcode, w.city,
    w.commune_code, 'rpps', w.fingerprint
FROM directory_import.structure_wanted w LEFT JOIN directory_party p ON p.id = w.id
WHERE p.id IS NULL;

-- name: _structures_added
INSERT INTO directory_structure (party_id, legal_name, short_name, technical_id, finess,
    finess_legal, siret, siren, category_code, sector_code, acts_as_legal_person, is_coordination)
SELECT w.id, w.legal_name, w.short_name, w.technical_id, w.finess, w.finess_legal, w.siret,
    w.siren, '', w.sector_code, false, w.is_coordination
FROM directory_import.structure_wanted w LEFT JOIN directory_structure s ON s.party_id = w.id
WHERE s.party_id IS NULL;
