-- name: since
-- The steps after a number, oldest first.
select seq, pack_id, version, at, actor, body
  from policy_steps
 where seq > $1
 order by seq;

-- name: append
-- Keep the step after the last one; no row where another has its number.
insert into policy_steps (seq, pack_id, version, at, actor, body)
select $1, $2, $3, $4, $5, $6
 where $1 = 1 + coalesce((select max(seq) from policy_steps), 0)
on conflict do nothing
returning seq;
