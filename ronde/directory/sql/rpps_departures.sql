-- What a full file no longer holds becomes inactive and keeps its history.

-- name: posts_gone
UPDATE directory_post o SET gone_on = current_setting('directory.today')::date
WHERE o.source = 'rpps' AND o.gone_on IS NULL
  AND NOT EXISTS (SELECT FROM directory_import.line w WHERE w.id = o.id);

-- name: persons_gone
UPDATE directory_party p SET gone_on = current_setting('directory.today')::date
WHERE p.kind = 1 AND p.source = 'rpps' AND p.gone_on IS NULL
  AND NOT EXISTS (SELECT FROM directory_import.person w WHERE w.id = p.id);

-- name: structures_gone
UPDATE directory_party p SET gone_on = current_setting('directory.today')::date
WHERE p.kind = 2 AND p.source = 'rpps' AND p.gone_on IS NULL
  AND NOT EXISTS (SELECT FROM directory_import.structure w WHERE w.id = p.id);
