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
