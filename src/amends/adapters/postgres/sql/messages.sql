-- name: lock_thread
-- One writer at a time on an order's messages.
select pg_advisory_xact_lock(hashtextextended('messages/' || $1::text, 0));

-- name: message_by_key
-- What an author wrote with this key before.
select *
  from messages
 where order_id = $1 and role = $2 and author_id = $3 and key = $4 and key <> '';

-- name: add_message
-- Keep a message under the order's next number, and tell the pages that are open.
insert into messages (order_id, seq, case_id, role, author_id, at, text, language, template, vals, files, hidden,
                      internal, key, fingerprint)
select $1::text, coalesce((select m.seq from messages m where m.order_id = $1 order by m.seq desc limit 1), 0) + 1,
       $2::text, $3::text, $4::text, $5::timestamptz, $6::text, $7::text, $8::text, $9::jsonb, $10::text[], $11::text[],
       $12::boolean, $13::text, $14::bytea
returning *, pg_notify('amends_news', order_id) as told;

-- name: messages_of
-- An order's messages after a number, oldest first.
select *
  from messages
 where order_id = $1 and seq > $2
 order by seq
 limit $3;

-- name: mark
-- Somebody has read up to here; marks never go back.
insert into message_marks (order_id, role, person_id, through, at)
values ($1, $2, $3, $4, $5)
on conflict (order_id, role, person_id)
do update set through = excluded.through, at = excluded.at
 where message_marks.through < excluded.through;

-- name: marks_of
-- Who has read how far.
select role, person_id, through, at
  from message_marks
 where order_id = $1
 order by role, person_id;

-- name: translation
-- A translation made before.
select text
  from message_translations
 where message_id = $1 and language = $2;

-- name: keep_translation
-- Keep a translation; the first stays.
insert into message_translations (order_id, message_id, language, text)
values ($1, $2, $3, $4)
on conflict (message_id, language) do nothing;
