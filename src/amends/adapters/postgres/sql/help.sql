-- name: extensions
-- Which of the extensions that help the search are there.
select extname from pg_extension where extname in ('pg_trgm', 'unaccent');

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

-- name: corrected
-- The question with each word that no sheet has replaced by the word it is most like, if any is like it.
with known as (
    select distinct word
      from unnest($2::text[]) as body, regexp_split_to_table(lower(unaccent(body)), '[^[:alnum:]]+') as word
     where length(word) > 3
), asked as (
    select word, n
      from regexp_split_to_table(lower(unaccent($1::text)), '[^[:alnum:]]+') with ordinality as q (word, n)
     where word <> ''
)
select coalesce(string_agg(coalesce(near.word, a.word), ' ' order by a.n), '') as said,
       coalesce(bool_or(near.word is not null), false) as changed
  from asked a
  left join lateral (
       select k.word
         from known k
        where length(a.word) > 3
          and not exists (select from known same where to_tsvector($3::regconfig, same.word)
                                                        @@ plainto_tsquery($3::regconfig, a.word))
          and numnode(plainto_tsquery($3::regconfig, a.word)) > 0
          and similarity(k.word, a.word) >= 0.25
        order by similarity(k.word, a.word) desc, abs(length(k.word) - length(a.word)), k.word
        limit 1
  ) near on true;

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
