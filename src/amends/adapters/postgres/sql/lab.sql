-- name: orders
-- Orders above an id with a case closed by an instant.
select distinct order_id
  from cases
 where closed_at <= $1 and order_id > $2
 order by order_id;

-- name: sampled
-- Some of them, drawn by the hash of id and seed.
select order_id
  from (select order_id
          from (select distinct order_id from cases where closed_at <= $1) as every
         order by md5(order_id || $3), order_id
         limit $4) as drawn
 where order_id > $2
 order by order_id;

-- name: events
-- Everything that happened on some orders, stream by stream.
select order_id, stream, seq, at, actor, from_state, body
  from events
 where stream = any ($1::text[] || array(select case_id from cases where order_id = any ($1::text[])))
 order by order_id, stream, seq;

-- name: terms
-- Terms by id.
select terms_id, body from terms where terms_id = any ($1);

-- name: add
-- Keep a new run.
insert into lab_runs (run_id, created_at, seen_at, runner, state, body) values ($1, $2, $3, $4, $5, $6);

-- name: get
-- A run as it stands.
select state, seen_at, body from lab_runs where run_id = $1;

-- name: latest
-- The runs, newest first.
select state, seen_at, body from lab_runs order by created_at desc, run_id limit $1;

-- name: advance_lazily
-- Let the rest of this transaction commit without waiting for the disk.
select set_config('synchronous_commit', 'off', true);

-- name: advance
-- Keep where a run stands, if it is still this runner's.
update lab_runs set state = $3, seen_at = $4, body = $5
 where run_id = $1 and runner = $2 and state = 'running'
returning true;

-- name: add_changes
-- Cases that end otherwise; one known already is found again after a resume.
insert into lab_changes (run_id, case_id, order_id, buyer_id, seller_id, body)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
on conflict do nothing;

-- name: cancel
-- Stop a run.
update lab_runs set state = 'cancelled', seen_at = $2 where run_id = $1 and state = 'running' returning true;

-- name: resume
-- Give a run that nobody works on to a runner.
update lab_runs set state = 'running', seen_at = $3, runner = $2
 where run_id = $1 and (state in ('cancelled', 'failed') or (state = 'running' and seen_at < $4))
returning state, seen_at, body;

-- name: changes
-- Changed cases of a run, by id.
select body from lab_changes where run_id = $1 and case_id > $2 order by case_id limit $3;

-- name: people
-- How many buyers and sellers are affected.
select count(distinct buyer_id), count(distinct seller_id) from lab_changes where run_id = $1;
