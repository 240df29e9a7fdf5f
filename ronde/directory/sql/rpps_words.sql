-- After a first load: all known words at once, as directory_learn_words does write by write.

-- name: _words_forgotten
DELETE FROM directory_word;

-- name: _words_learnt
-- Many share a name: each is folded and cut once.
INSERT INTO directory_word (word, frequency)
SELECT left(w, 100), sum(n)
FROM (
    SELECT directory_fold(family_name) AS name, count(*) AS n FROM directory_person
    GROUP BY family_name
    UNION ALL
    SELECT directory_fold(given_name), count(*) FROM directory_person GROUP BY given_name
    UNION ALL
    SELECT directory_fold(city), count(*) FROM directory_party WHERE kind = 2 GROUP BY city
    UNION ALL
    SELECT sort_key, 1 FROM directory_party WHERE kind = 2
) said, unnest(string_to_array(name, ' ')) AS w
WHERE length(w) > 1
GROUP BY 1;
