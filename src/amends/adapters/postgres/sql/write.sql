-- name: open_batch
-- Lock the orders of a batch and load them, their cases and the answers already given; see migration 0006.
select part, id, order_id, snapshot, head, at, case_id, seq
  from open_batch(string_to_array($1::text, E'\x1f'), string_to_array($2::text, E'\x1f'), $3::boolean);

-- name: read_batch
-- The same without locks, as of one moment; `guard_batch` finds out whether it still holds.
select 'o' as part, order_id as id, order_id, snapshot, head, null::timestamptz as at, null::text as case_id, seq
  from orders
 where order_id = any (string_to_array($1::text, E'\x1f'))
union all
select 'c', case_id, order_id, snapshot, head, null, null, seq
  from cases
 where order_id = any (string_to_array($1::text, E'\x1f'))
union all
select 'a', key, order_id, refused, fingerprint, at, case_id, seq
  from answers
 where key = any (string_to_array($2::text, E'\x1f'));

-- name: terms_of
-- Terms by their ids.
select terms_id, body
  from terms
 where terms_id = any ($1::text[]);

-- name: write_terms
-- Terms that new orders bring along; known ones stay.
insert into terms (terms_id, body)
select *
  from unnest($1::text[], $2::bytea[])
on conflict (terms_id) do nothing;

-- name: due_orders
-- Streams whose deadline has passed, behind the place ($2, $3).
select order_id, case_id, due_at, on_due
  from ((select order_id, case_id, due_at, on_due, case_id as stream
           from cases
          where due_at <= $1 and (due_at, case_id) > ($2, $3) and due_at < 'infinity'
          order by due_at, case_id
          limit $4)
        union all
        (select order_id, '', due_at, on_due, order_id as stream
           from orders
          where due_at <= $1 and (due_at, order_id) > ($2, $3) and due_at < 'infinity'
          order by due_at, order_id
          limit $4)) as due
 order by due_at, stream
 limit $4;

-- name: due_orders_ahead
-- The same behind the first $5 of them, without those whose order has something that was due before.
select due.order_id, due.case_id, due.due_at, due.on_due
  from ((select order_id, case_id, due_at, on_due, case_id as stream
           from cases
          where due_at <= $1 and (due_at, case_id) > ($2, $3) and due_at < 'infinity'
          order by due_at, case_id
          limit $4::integer + $5::integer)
        union all
        (select order_id, '', due_at, on_due, order_id as stream
           from orders
          where due_at <= $1 and (due_at, order_id) > ($2, $3) and due_at < 'infinity'
          order by due_at, order_id
          limit $4::integer + $5::integer)
        order by due_at, stream
        limit $4 offset $5::integer) as due
 where not exists (select
                     from cases c
                    where c.order_id = due.order_id and (c.due_at, c.case_id) < (due.due_at, due.case_id))
   and not exists (select
                     from orders o
                    where o.order_id = due.order_id and (o.due_at, '') < (due.due_at, due.case_id))
 order by due.due_at, due.stream;

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
