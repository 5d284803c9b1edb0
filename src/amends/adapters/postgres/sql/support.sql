-- name: open
-- Keep a new conversation, unless one was opened with this key.
insert into support_conversations (conversation_id, channel, subject, opened_at, updated_at, role, person_id, email,
                                   language, order_id, case_id, level, agent_id, waiting_since, closed_at, through, key)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
on conflict (key) where key <> '' do nothing
returning pg_notify('amends_news', 'support:' || conversation_id) as told, pg_notify('amends_news', 'support:queue');

-- name: opened_with
-- What was opened with a key before.
select * from support_conversations where key = $1;

-- name: written_with
-- What was written with a key before.
select seq from support_entries where conversation_id = $1 and key = $2 and key <> '';

-- name: lock
-- A conversation, for whoever is about to change it.
select * from support_conversations where conversation_id = $1 for update;

-- name: change
-- A conversation as it is from now on; how far it has been read is kept.
update support_conversations
   set subject = $2, updated_at = $3, order_id = $4, case_id = $5, level = $6, agent_id = $7, waiting_since = $8,
       closed_at = $9
 where conversation_id = $1
returning *, pg_notify('amends_news', 'support:' || conversation_id) as told, pg_notify('amends_news', 'support:queue');

-- name: add
-- Add an entry under the conversation's next number.
insert into support_entries (conversation_id, seq, order_id, kind, role, author_id, at, text, files, message_id, key)
select $1::text, coalesce((select max(e.seq) from support_entries e where e.conversation_id = $1), 0) + 1,
       $2::text, $3::text, $4::text, $5::text, $6::timestamptz, $7::text, $8::text[], $9::text, $10::text
returning *;

-- name: last
-- How many entries a conversation has.
select coalesce(max(seq), 0) from support_entries where conversation_id = $1;

-- name: find
-- A conversation by its id.
select * from support_conversations where conversation_id = $1;

-- name: entries
-- Everything in a conversation, oldest first.
select * from support_entries where conversation_id = $1 order by seq;

-- name: of
-- Somebody's conversations, last changed first.
select *
  from support_conversations
 where role = $1 and person_id = $2 and person_id <> ''
 order by updated_at desc, conversation_id desc
 limit $3;

-- name: open_queue
-- What is open: who waits longest first, then what waits for the other side.
select *
  from support_conversations
 where closed_at is null and ($1::smallint is null or level = $1)
 order by waiting_since is null, waiting_since,
          case when waiting_since is null then updated_at end desc, conversation_id
 limit $2;

-- name: closed_queue
-- What is closed, last changed first.
select *
  from support_conversations
 where closed_at is not null and ($1::smallint is null or level = $1)
 order by updated_at desc, conversation_id desc
 limit $2;

-- name: by_message
-- The conversation that holds one of these mails.
select c.*
  from support_entries e
  join support_conversations c using (conversation_id)
 where e.message_id = any ($1::text[]) and e.message_id <> ''
 limit 1;

-- name: seen
-- The person has seen everything up to here; never goes back.
update support_conversations set through = $2 where conversation_id = $1 and through < $2;
