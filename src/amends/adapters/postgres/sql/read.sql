-- name: scene
-- An order and its cases.
select 'o' as part, order_id as id, snapshot
  from orders
 where order_id = $1
union all
select 'c', case_id, snapshot
  from cases
 where order_id = $1;

-- name: case_file
-- A case, its order and its timeline.
select 'o' as part, 0 as seq, snapshot as body, null::text as actor, null::text as from_state, null::timestamptz as at,
       null::bytea as digest
  from orders
 where order_id = $1
union all
select 'c', 0, snapshot, null, null, null, null
  from cases
 where order_id = $1 and case_id = $2
union all
(select 'e', seq, body, actor, from_state, at, digest
   from events
  where stream = $2
  order by seq);

-- name: case_sheets
-- Cases, the orders they are about, and what happened to those cases of which that was asked.
select 'o' as part, o.order_id as id, 0 as seq, null::timestamptz as at, null::text as actor, null::text as from_state,
       o.snapshot as body, null::bytea as digest
  from orders o
 where o.order_id = any ($1::text[])
union all
select 'c', c.case_id, 0, null, null, null, c.snapshot, null
  from unnest($1::text[], $2::text[]) as wanted (order_id, case_id)
  join cases c using (order_id, case_id)
union all
(select 'e', stream, seq, at, actor, from_state, body, digest
   from events
  where stream = any ($3::text[])
  order by stream, seq);

-- name: timeline
-- The events of a stream, oldest first.
select stream, seq, order_id, at, actor, from_state, body, digest
  from events
 where stream = $1
 order by seq;

-- name: transfers
-- The ledger of an order, oldest first.
select at, transfer_id, debit, credit, amount, stage, purpose, tender_id, case_id
  from transfers
 where order_id = $1
 order by at, stream, seq, position;
