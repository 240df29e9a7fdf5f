-- What the persons of the extraction do, and where.

-- name: posts_back
UPDATE directory_post o SET gone_on = NULL
FROM directory_import.line w WHERE w.id = o.id AND o.gone_on IS NOT NULL;

-- name: posts_added
INSERT INTO directory_post (id, person_id, structure_id, profession_code, category_code,
    know_how_type, know_how_code, mode_code, function_code, sector_code, phone, email, address_line,
    postcode, city, commune_code, source)
SELECT w.id, w.person_id, w.structure_id, w.profession_code, w.category_code, w.know_how_type,
    w.know_how_code, w.mode_code, w.function_code, w.sector_code, '', '', '', '', '', '', 'rpps'
FROM directory_import.line w LEFT JOIN directory_post o ON o.id = w.id
WHERE o.id IS NULL;
