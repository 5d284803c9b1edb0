-- name: open_batch
-- Lock the orders of a batch and load them, their cases and the answers already given; see migration 0006.
select part, id, order_id, snapshot, head, at, case_id, seq
  from open_batch($1::text[], $2::text[], $3::boolean);

-- name: terms_of
-- Terms by their ids.
select terms_id, body
  from terms
 where terms_id = any ($1::text[]);

-- name: write_batch
-- Everything a batch decided, in one statement; its arrays are columns, one group a table.
with order_rows as materialized (
    select *
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[],
                  $8::timestamptz[], $9::integer[], $10::bytea[], $11::bytea[], $12::boolean[])
        as r (order_id, buyer_id, seller_id, stage, due_at, waiting_on, on_due, placed_at, seq, snapshot, head, is_new)
), new_orders as (
    insert into orders
        (order_id, buyer_id, seller_id, stage, due_at, waiting_on, on_due, placed_at, seq, snapshot, head)
    select order_id, buyer_id, seller_id, stage, coalesce(due_at, 'infinity'), waiting_on, on_due, placed_at, seq,
           snapshot, head
      from order_rows
     where is_new
), changed_orders as (
    update orders o
       set stage = r.stage, due_at = coalesce(r.due_at, 'infinity'), waiting_on = r.waiting_on, on_due = r.on_due,
           seq = r.seq, snapshot = r.snapshot, head = r.head
      from order_rows r
     where o.order_id = r.order_id and not r.is_new
), case_rows as materialized (
    select *
      from unnest($13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
                  $20::text[], $21::timestamptz[], $22::text[], $23::text[], $24::integer[], $25::timestamptz[],
                  $26::timestamptz[], $27::bytea[], $28::bytea[], $29::boolean[])
        as r (order_id, case_id, kind, state, reason, buyer_id, seller_id, mediator_id, due_at, waiting_on, on_due, seq,
              opened_at, closed_at, snapshot, head, is_new)
), new_cases as (
    insert into cases
        (order_id, case_id, kind, state, reason, buyer_id, seller_id, mediator_id, due_at, waiting_on, on_due, seq,
         opened_at, closed_at, snapshot, head)
    select order_id, case_id, kind, state, reason, buyer_id, seller_id, mediator_id, coalesce(due_at, 'infinity'),
           waiting_on, on_due, seq, opened_at, closed_at, snapshot, head
      from case_rows
     where is_new
), changed_cases as (
    update cases c
       set state = r.state, reason = r.reason, mediator_id = r.mediator_id, due_at = coalesce(r.due_at, 'infinity'),
           waiting_on = r.waiting_on, on_due = r.on_due, seq = r.seq, closed_at = r.closed_at, snapshot = r.snapshot,
           head = r.head
      from case_rows r
     where c.order_id = r.order_id and c.case_id = r.case_id and not r.is_new
), new_events as (
    insert into events (stream, seq, order_id, at, actor, type, from_state, to_state, body, digest)
    select *
      from unnest($30::text[], $31::integer[], $32::text[], $33::timestamptz[], $34::text[], $35::text[], $36::text[],
                  $37::text[], $38::bytea[], $39::bytea[])
), new_errands as (
    insert into errands (errand_id, topic, order_id, case_id, body, due_at)
    select *
      from unnest($40::text[], $41::text[], $42::text[], $43::text[], $44::jsonb[], $45::timestamptz[])
    on conflict (errand_id) do nothing
)
insert into answers (key, fingerprint, order_id, case_id, seq, at, refused)
select *
  from unnest($46::text[], $47::bytea[], $48::text[], $49::text[], $50::integer[], $51::timestamptz[], $52::bytea[]);

-- name: write_transfers
-- What a batch moves; the balances follow by a trigger, which refuses what they cannot bear.
insert into transfers
    (order_id, stream, seq, position, transfer_id, stage, debit, credit, amount, purpose, tender_id, case_id, at)
select *
  from unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::bigint[], $10::text[], $11::text[], $12::text[], $13::timestamptz[]);

-- name: write_terms
-- Terms that new orders bring along; known ones stay.
insert into terms (terms_id, body)
select *
  from unnest($1::text[], $2::bytea[])
on conflict (terms_id) do nothing;

-- name: due_orders
-- Streams whose deadline has passed, but for orders that another batch has locked.
with due_cases as (
    select c.order_id, c.case_id, c.due_at, c.on_due
      from cases c
      join orders o using (order_id)
     where c.due_at <= $1 and c.due_at >= $2 and c.due_at < 'infinity'
     order by c.due_at, c.case_id
     limit $3
       for update of o skip locked
), due_orders as (
    select order_id, '' as case_id, due_at, on_due
      from orders
     where due_at <= $1 and due_at >= $2 and due_at < 'infinity'
     order by due_at, order_id
     limit $3
       for update skip locked
)
select order_id, case_id, due_at, on_due
  from (select * from due_cases union all select * from due_orders) as due
 order by due_at, order_id, case_id
 limit $3;

-- name: next_due
-- The earliest instant later than $1 at which something is due.
select least(
    (select due_at from cases where due_at > $1 and due_at < 'infinity' order by due_at limit 1),
    (select due_at from orders where due_at > $1 and due_at < 'infinity' order by due_at limit 1),
    (select due_at from errands where due_at > $1 and not done order by due_at limit 1));

-- name: claim_errands
-- Lease due errands that nobody holds, oldest first.
with due as (
    select errand_id
      from errands
     where due_at <= $1 and not done and (leased_until is null or leased_until <= clock_timestamp())
     order by due_at, errand_id
     limit $2
       for update skip locked
), leased as (
    update errands e
       set lease = $3, leased_until = clock_timestamp() + $4::interval, attempts = e.attempts + 1
      from due
     where e.errand_id = due.errand_id
    returning e.errand_id, e.topic, e.order_id, e.case_id, e.body, e.due_at, e.attempts - 1 as attempts
)
select errand_id, topic, order_id, case_id, body, due_at, attempts
  from leased
 order by due_at, errand_id;

-- name: release_errands
-- Give back what a claim holds and neither finished nor put off.
update errands
   set lease = null, leased_until = null
 where errand_id = any ($1::text[]) and lease = $2 and not done;

-- name: finish_errands
-- End errands ($1), or put them off ($2) until an instant ($3).
with finished as (
    update errands
       set done = true, lease = null, leased_until = null
     where errand_id = any ($1::text[])
)
update errands e
   set due_at = later.due_at, lease = null, leased_until = null
  from unnest($2::text[], $3::timestamptz[]) as later (errand_id, due_at)
 where e.errand_id = later.errand_id and not e.done and not e.errand_id = any ($1::text[]);

-- name: hasten_errands
-- Make unfinished errands due now where they were due later.
update errands
   set due_at = $2
 where errand_id = any ($1::text[]) and not done and due_at > $2;

-- name: events_after
-- The events of a stream after a number, in order.
select stream, seq, order_id, at, actor, type, from_state, body, digest
  from events
 where stream = $1 and seq > $2
 order by seq
 limit $3;

-- name: orders_after
-- Orders by id, for walks over all of them.
select order_id, snapshot, head
  from orders
 where order_id > $1
 order by order_id
 limit $2;

-- name: cases_of
-- The cases of some orders.
select order_id, case_id, snapshot, head
  from cases
 where order_id = any ($1::text[])
 order by order_id, case_id;

-- name: events_of
-- The events of some streams, each in order.
select stream, seq, order_id, at, actor, type, from_state, body, digest
  from events
 where stream = any ($1::text[])
 order by stream, seq;

-- name: balances_of
-- The database's own balances of orders.
select order_id, tender, escrow, seller, platform, cover, carrier, chargeback, balance, bank, captured, refunding,
       refunded, charged_back, goodwill, escrow_pending
  from balances
 where order_id = any ($1::text[]);
