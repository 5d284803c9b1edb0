-- name: publish
-- Keep the version after the last one; no row where it is another.
insert into seller_policies (seller_id, version, published_at, body)
select $1, $2, $3, $4
 where $2 = 1 + coalesce((select max(version) from seller_policies where seller_id = $1), 0)
on conflict do nothing
returning version;

-- name: in_force
-- The newest version published by an instant.
select seller_id, version, published_at, body
  from seller_policies
 where seller_id = $1 and published_at <= $2
 order by version desc
 limit 1;

-- name: versions
-- A seller's versions, newest first.
select seller_id, version, published_at, body
  from seller_policies
 where seller_id = $1
 order by version desc
 limit $2;

-- name: newest
-- The newest version of each seller.
select distinct on (seller_id) seller_id, version, published_at, body
  from seller_policies
 order by seller_id, version desc
 limit $1;

-- name: rows
-- Some of a seller's cases, with their orders.
select c.case_id, c.snapshot, o.snapshot as order_snapshot
  from cases c
  join orders o using (order_id)
 where c.seller_id = $1 and c.order_id = any ($2) and c.case_id = any ($3);

-- name: traces
-- The cases of a time as a record counts them: when the seller was asked, first acted, and what came of it.
select c.case_id, c.kind, c.reason, c.opened_at, c.closed_at, e.asked_at, e.answered_at, e.lapsed, e.escalated,
       e.sent_back, e.rejected,
       (select convert_from(r.body, 'UTF8')::jsonb #> '{ruling,remedy}'
          from events r
         where r.stream = c.case_id and r.type = 'case_ruled'
         order by r.seq desc
         limit 1)::text as ruled
  from cases c
 cross join lateral (
        select min(at) filter (where to_state in ('awaiting_seller', 'cancel_requested')) as asked_at,
               min(at) filter (where starts_with(actor, 'seller:')) as answered_at,
               bool_or(starts_with(actor, 'clock:') and from_state = any ($4) and from_state <> to_state) as lapsed,
               bool_or(type = 'case_escalated') as escalated,
               bool_or(type = 'return_shipped') as sent_back,
               bool_or(type = 'return_inspected' and to_state = 'rejected') as rejected,
               bool_or(to_state <> 'drafting' and not (from_state = 'drafting' and to_state = 'closed')) as reached
          from events
         where stream = c.case_id) e
 where c.seller_id = $1 and c.opened_at >= $2 and c.opened_at < $3 and e.reached
 order by c.opened_at desc, c.case_id desc;

-- name: orders_placed
-- How many orders were placed with a seller in a time.
select count(*)
  from orders
 where seller_id = $1 and placed_at >= $2 and placed_at < $3;

-- name: money
-- Where the money of a seller's orders is. A refund on its way is not held any more.
with held as (
    select convert_from(o.snapshot, 'UTF8')::jsonb #>> '{order,currency}' as currency, o.stage,
           b.escrow - b.escrow_pending as held, b.seller,
           exists (select from cases c
                    where c.order_id = o.order_id and c.state not in ('closed', 'drafting')) as frozen
      from orders o
      join balances b using (order_id)
     where o.seller_id = $1 and (b.escrow <> b.escrow_pending or b.seller <> 0)
), places as (
    select currency, held as amount,
           case when frozen then 'frozen'
                when stage in ('awaiting_shipment', 'awaiting_delivery') then 'on_the_way'
                else 'protected' end as place
      from held
     where held <> 0
    union all
    select currency, abs(seller), case when seller > 0 then 'due' else 'owed' end
      from held
     where seller <> 0
)
select currency, place, count(*) as orders, sum(amount)::bigint as amount
  from places
 group by currency, place
 order by currency, place;

-- name: held
-- Orders with money on its way to a seller, the one that is due first first, with the cases that freeze it.
select o.snapshot,
       array(select c.case_id from cases c
              where c.order_id = o.order_id and c.state not in ('closed', 'drafting')
              order by c.case_id) as case_ids
  from orders o
  join balances b using (order_id)
 where o.seller_id = $1 and (b.escrow <> b.escrow_pending or b.seller <> 0)
 order by o.due_at, o.order_id
 limit $2;
