-- What a full file no longer holds becomes inactive and keeps its history.

-- name: structures_gone
UPDATE directory_party p SET gone_on = current_setting('directory.today')::date
WHERE p.kind = 2 AND p.source = 'finess' AND p.gone_on IS NULL
  AND NOT EXISTS (SELECT FROM directory_import.structure w WHERE w.id = p.id);
