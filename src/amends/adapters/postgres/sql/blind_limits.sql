-- name: lock_case
-- Let nobody else look at a case's ($1) limits together, or change them, until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('blind limits of ' || $1::text, 0));

-- name: limits_of_case
-- Both sides' limits of a case ($1).
select side, sealed, round, changes from blind_limits where case_id = $1;

-- name: limit_of_side
-- The limit of one side ($2) of a case ($1).
select side, sealed, round, changes from blind_limits where case_id = $1 and side = $2;

-- name: put_limit
-- Write the limit of a side ($3) of a case ($2) of an order ($1) over the one before.
insert into blind_limits (order_id, case_id, side, sealed, round, changes)
values ($1, $2, $3, $4, $5, $6)
on conflict (case_id, side) do update
   set sealed = excluded.sealed, round = excluded.round, changes = excluded.changes;

-- name: destroy_limits
-- Remove the limits of a case ($1).
delete from blind_limits where case_id = $1;

-- name: limited_cases
-- The cases that limits are kept of, after one ($1), at most $2.
select distinct case_id from blind_limits where case_id > $1 order by case_id limit $2;
