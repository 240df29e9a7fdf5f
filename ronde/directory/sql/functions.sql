-- Folds a name as ronde.core.text.fold does, for names written in Latin letters: capitals, no
-- accent, one space for every run of other signs. A test compares both on each Latin letter.
-- The import folds two million names in the database; nothing else may fold there.
-- Not STRICT: a strict function around CASE cannot be inlined, and would cost twice as much.
CREATE FUNCTION directory_fold(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(regexp_replace(upper(
    CASE WHEN octet_length(t) = length(t) THEN t ELSE
        translate(
            replace(replace(replace(replace(replace(replace(replace(
                regexp_replace(normalize(t, NFKD), '[\u0300-\u036f]+', '', 'g'),
                'œ', 'OE'), 'Œ', 'OE'), 'æ', 'AE'), 'Æ', 'AE'), 'þ', 'TH'), 'Þ', 'TH'),
                'ß', 'SS'),
            'øØłŁđĐðÐı', 'OOLLDDDDI')
    END), '[^[:alnum:]]+', ' ', 'g'));

-- Keys of imported rows: UUIDs of version 8 (RFC 9562, free content), always the same for the same
-- number, and the same as those of ronde.directory.keys. That of a person is the national number
-- itself in its last twelve digits (8 + RPPS, 0 + ADELI): two million are made for each import.
CREATE FUNCTION directory_person_key(id_type text, id_number text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ('00000000-0000-8000-8000-' || lpad(id_type || id_number, 12, '0'))::uuid;

-- That of anything else is the MD5 of its name, such as «finess:830100616».
CREATE FUNCTION directory_key(name text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN overlay(overlay(md5(name) PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid;

-- What lines of Annuaire Santé call a workplace: its identifier there, else a number of its own,
-- else its name and address; empty for no workplace.
CREATE FUNCTION directory_place_code(technical_id text, finess text, siret text, legal_name text,
    postcode text, street text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(nullif(technical_id, ''), nullif(finess, ''), nullif(siret, ''),
    nullif(legal_name || '|' || postcode || '|' || street, '||'));

-- The country code of a French number of ten digits: overseas départements have their own.
CREATE FUNCTION directory_country_code(n text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN substr(n, 1, 4) IN ('0262', '0263', '0692', '0693', '0269', '0639') THEN '+262'
    WHEN substr(n, 1, 4) IN ('0590', '0690', '0691') THEN '+590'
    WHEN substr(n, 1, 4) IN ('0594', '0694') THEN '+594'
    WHEN substr(n, 1, 4) IN ('0596', '0696', '0697') THEN '+596'
    ELSE '+33'
END;

-- A phone number as it is stored: E.164 when it is French, its digits otherwise.
CREATE FUNCTION directory_phone(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN t = '' THEN ''
    WHEN t ~ '^0[1-9][0-9]{8}$' THEN directory_country_code(t) || substr(t, 2)
    WHEN regexp_replace(t, '[^0-9+]', '', 'g') ~ '^0[1-9][0-9]{8}$' THEN
        directory_country_code(regexp_replace(t, '[^0-9+]', '', 'g'))
        || substr(regexp_replace(t, '[^0-9+]', '', 'g'), 2)
    ELSE left(regexp_replace(t, '[^0-9+]', '', 'g'), 40)
END;
