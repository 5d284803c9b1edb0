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
