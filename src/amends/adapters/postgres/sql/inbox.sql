-- name: put_notices
-- Letters for accounts; known ones stay as they are.
insert into notices (notice_id, role, person_id, order_id, case_id, kind, body, at)
select *
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::timestamptz[])
on conflict (notice_id) do nothing;

-- name: unmailed
-- Which of these notices have not been mailed.
select notice_id
  from notices
 where notice_id = any ($1::text[]) and mailed_at is null;

-- name: mailed
-- These went out.
update notices
   set mailed_at = clock_timestamp()
 where notice_id = any ($1::text[]) and mailed_at is null;

-- name: notices_of
-- A person's notices, newest first.
select notice_id, role, person_id, order_id, case_id, kind, body, at
  from notices
 where role = $1 and person_id = $2
 order by at desc, notice_id desc
 limit $3;

-- name: notices_page
-- A person's notices before an instant and id, newest first.
select notice_id, role, person_id, order_id, case_id, kind, body, at, read_at
  from notices
 where role = $1 and person_id = $2 and (at, notice_id) < ($3, $4) and ($5::boolean is false or read_at is null)
 order by at desc, notice_id desc
 limit $6;

-- name: count_unread
-- How many notices somebody has not read, up to a number.
select count(*)
  from (select from notices where role = $1 and person_id = $2 and read_at is null limit $3) as unread;

-- name: read_notices
-- Somebody has read these, or all of them.
update notices
   set read_at = $3
 where role = $1 and person_id = $2 and read_at is null and ($4::text[] is null or notice_id = any ($4::text[]))
returning notice_id;

-- name: notices_unmailed
-- What was not mailed to somebody by an instant, oldest first.
select notice_id, role, person_id, order_id, case_id, kind, body, at
  from notices
 where role = $1 and person_id = $2 and mailed_at is null and at <= $3 and ($4::text = '' or notice_id = $4::text)
 order by at, notice_id
 limit $5;
