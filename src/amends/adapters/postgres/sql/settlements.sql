-- name: entries
-- The transfers through providers of a time, with the orders they belong to.
select t.order_id, t.stream, t.seq, t.transfer_id, t.stage, t.debit, t.credit, t.amount, t.purpose, t.tender_id,
       t.case_id, t.at
  from transfers t
 where t.at >= $1 and t.at < $2 and t.purpose in ('capture', 'refund', 'payout', 'chargeback')
 order by t.at, t.order_id, t.stream, t.seq, t.position;

-- name: entries_of
-- The transfers through providers of some orders.
select t.order_id, t.stream, t.seq, t.transfer_id, t.stage, t.debit, t.credit, t.amount, t.purpose, t.tender_id,
       t.case_id, t.at
  from transfers t
 where t.order_id = any ($1::text[]) and t.purpose in ('capture', 'refund', 'payout', 'chargeback')
 order by t.order_id, t.at, t.stream, t.seq, t.position;

-- name: custodies
-- Orders by id.
select order_id, snapshot
  from orders
 where order_id = any ($1::text[]);

-- name: paid_by
-- The orders that were told with one of the provider's ids of a payment.
select distinct e.order_id
  from events e
 where e.type in ('order_placed', 'tender_captured') and payment_references(e.type, e.body) is not null
   and payment_references(e.type, e.body) && $1::text[];

-- name: keep
-- Lines of a report; known ones stay as they are.
insert into settlement_movements (provider, line_id, kind, reference, payment, amount, fee, currency, at)
select *
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[],
              $9::timestamptz[])
on conflict (provider, line_id) do nothing
returning line_id;

-- name: movements
-- The lines of a time.
select provider, line_id, kind, reference, payment, amount, fee, currency, at
  from settlement_movements
 where provider = $1 and at >= $2 and at < $3
 order by at, line_id;

-- name: movements_of
-- The lines of some references.
select provider, line_id, kind, reference, payment, amount, fee, currency, at
  from settlement_movements
 where provider = $1 and reference = any ($2::text[])
 order by at, line_id;

-- name: lock_day
-- One process at a time writes a provider's day.
select pg_advisory_xact_lock(hashtextextended('reconciliation ' || $1 || ' ' || $2::text, 0));

-- name: known
-- What is kept of a provider's day.
select difference_id, state, ours, theirs
  from reconciliation_differences
 where provider = $1 and day = $2;

-- name: forget
-- Differences of a day that nobody has dealt with give way to what was found now.
delete from reconciliation_differences
 where provider = $1 and day = $2 and (state in ('explained', 'waiting', 'open') or difference_id = any ($3::text[]));

-- name: add
-- A day's differences.
insert into reconciliation_differences (difference_id, provider, day, state, order_id, ours, theirs, body)
select difference_id, $1, $2, state, order_id, ours, theirs, body
  from unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bytea[])
       as found (difference_id, state, order_id, ours, theirs, body);

-- name: save_run
-- A day's result, in place of an earlier one.
insert into reconciliations (provider, day, at, movements, entries, open, waiting, sums)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (provider, day) do update
   set at = excluded.at, movements = excluded.movements, entries = excluded.entries, open = excluded.open,
       waiting = excluded.waiting, sums = excluded.sums;

-- name: runs
-- The days reconciled, newest first.
select provider, day, at, movements, entries, open, waiting, sums
  from reconciliations
 where ($2 = '' or provider = $2) and ($3::date is null or day <= $3)
 order by day desc, provider desc
 limit $1;

-- name: unsettled
-- Days with differences that need another look.
select distinct day
  from reconciliation_differences
 where provider = $1 and state in ('waiting', 'open')
 order by day;

-- name: differences
-- Differences, those that need somebody first.
select body
  from reconciliation_differences
 where ($1 = '' or provider = $1) and ($2::date is null or day = $2)
   and (cardinality($3::text[]) = 0 or state = any ($3)) and ($4 = '' or order_id = $4)
 order by (state not in ('waiting', 'open', 'proposed')), day desc, difference_id
 limit $5;

-- name: difference
-- The difference of an id.
select body
  from reconciliation_differences
 where difference_id = $1;

-- name: change
-- What somebody did about a difference, unless somebody else was first.
update reconciliation_differences
   set state = $2, body = $3
 where difference_id = $1 and state = $4
returning difference_id;
