-- name: extensions
-- Whether the extension that helps the search is there.
select extname from pg_extension where extname = 'unaccent';

-- name: plain_search
-- Sheets that have words of the question, in the language's own endings; those with all of them first.
with sheets as (
    select s.id, s.title, s.body,
           setweight(to_tsvector($1::regconfig, s.title), 'A') || setweight(to_tsvector($1::regconfig, s.body), 'C') as doc
      from unnest($3::text[], $4::text[], $5::text[]) as s (id, title, body)
), asked as (
    select plainto_tsquery($1::regconfig, $2::text) as all_of
), either as (
    select all_of, replace(all_of::text, ' & ', ' | ')::tsquery as any_of from asked
)
select s.id
  from sheets s, either e
 where s.doc @@ e.any_of or position(lower($2) in lower(s.title || ' ' || s.body)) > 0
 order by (s.doc @@ e.all_of) desc, ts_rank(s.doc, e.any_of) desc, s.id;

-- name: unknown
-- Those of some words that no known word is a form of, in the language's own endings.
select a.word
  from unnest($1::text[]) as a (word)
 where numnode(plainto_tsquery($3::regconfig, a.word)) > 0
   and not exists (select from unnest($2::text[]) as k (word)
                    where to_tsvector($3::regconfig, k.word) @@ plainto_tsquery($3::regconfig, a.word));

-- name: unaccented_search
-- As plain_search, accents aside.
with sheets as (
    select s.id, s.title, s.body,
           setweight(to_tsvector($1::regconfig, unaccent(s.title)), 'A')
           || setweight(to_tsvector($1::regconfig, unaccent(s.body)), 'C') as doc
      from unnest($3::text[], $4::text[], $5::text[]) as s (id, title, body)
), asked as (
    select plainto_tsquery($1::regconfig, unaccent($2::text)) as all_of
), either as (
    select all_of, replace(all_of::text, ' & ', ' | ')::tsquery as any_of from asked
)
select s.id
  from sheets s, either e
 where s.doc @@ e.any_of or position(lower($2) in lower(s.title || ' ' || s.body)) > 0
 order by (s.doc @@ e.all_of) desc, ts_rank(s.doc, e.any_of) desc, s.id;
