-- name: open_cases
-- Live cases by state and band of age; a draft is nobody's business but the buyer's.
select state, width_bucket(extract(epoch from $1::timestamptz - opened_at), $2::numeric[])::integer as age,
       count(*) as cases
  from cases
 where state not in ('closed', 'drafting')
 group by 1, 2
 order by 1, 2;

-- name: counts
-- Cases opened and closed and deadlines lapsed by day.
select day, what, count(*) as number
  from (select (opened_at at time zone 'UTC')::date as day, 'opened' as what
          from cases
         where opened_at >= $1 and opened_at < $2 and state <> 'drafting'
        union all
        select (closed_at at time zone 'UTC')::date, 'closed'
          from cases
         where closed_at >= $1 and closed_at < $2
        union all
        select (at at time zone 'UTC')::date, 'lapsed'
          from (select distinct order_id, at
                  from events
                 where at >= $1 and at < $2 and actor like 'clock:%') as lapses) as happened
 group by 1, 2
 order by 1, 2;

-- name: money
-- What reached the buyer by day, kind and currency.
select (t.at at time zone 'UTC')::date as day, t.purpose as what,
       convert_from(o.snapshot, 'UTF8')::json #>> '{order,currency}' as currency, sum(t.amount)::bigint as amount
  from transfers t
  join orders o using (order_id)
 where t.at >= $1 and t.at < $2 and t.stage = 'posted' and t.purpose in ('refund', 'goodwill', 'chargeback')
   and t.debit <> 'chargeback'
 group by 1, 2, 3
 order by 1, 2, 3;

-- name: cover
-- What left the protection fund by day, purpose, reason and currency.
select (t.at at time zone 'UTC')::date as day, t.purpose, coalesce(c.reason, '') as reason,
       convert_from(o.snapshot, 'UTF8')::json #>> '{order,currency}' as currency, sum(t.amount)::bigint as amount,
       count(*)::integer as payments
  from transfers t
  join orders o using (order_id)
  left join cases c on c.order_id = t.order_id and c.case_id = t.case_id
 where t.at >= $1 and t.at < $2 and t.stage = 'posted' and t.debit = 'cover'
 group by 1, 2, 3, 4
 order by 1, 2, 3, 4;

-- name: closings
-- Cases closed in a span by reason, seller, category, lane or outcome.
with closed as materialized (
    select c.order_id, c.case_id, c.reason, c.seller_id,
           extract(epoch from c.closed_at - c.opened_at) / 3600 as hours,
           convert_from(c.snapshot, 'UTF8')::jsonb as shot
      from cases c
     where c.closed_at >= $1 and c.closed_at < $2
), told as materialized (
    select closed.*, convert_from(o.snapshot, 'UTF8')::jsonb -> 'order' as bought
      from closed
      join orders o using (order_id)
     where shot ->> 'outcome' is distinct from 'discarded'
), grouped as (
    select told.*,
           case $3::text
               when 'reason' then reason
               when 'seller' then seller_id
               when 'outcome' then coalesce(shot ->> 'outcome', '')
               when 'lane' then (bought ->> 'seller_country') || '>' || (bought ->> 'buyer_country')
               else coalesce((select line ->> 'category'
                                from jsonb_array_elements(bought -> 'lines') as line
                               where line ->> 'line_id' = shot #>> '{units,0,line_id}'), '')
           end as grouping_key
      from told
), paid as (
    select t.order_id, t.case_id,
           coalesce(sum(t.amount) filter (where t.purpose = 'refund'), 0) as refunded,
           coalesce(sum(t.amount) filter (where t.debit = 'cover'), 0) as borne
      from transfers t
      join told using (order_id, case_id)
     where t.stage = 'posted'
     group by 1, 2
)
select grouping_key as "group", shot ->> 'currency' as currency, count(*) as cases,
       count(*) filter (where coalesce(refunded, 0) > 0) as granted,
       sum((shot #>> '{wanted,amount}')::bigint)::bigint as asked,
       coalesce(sum(refunded), 0)::bigint as refunded, coalesce(sum(borne), 0)::bigint as borne,
       floor(percentile_disc(0.5) within group (order by hours))::integer as hours,
       floor(percentile_disc(0.9) within group (order by hours))::integer as slowest
  from grouped
  left join paid using (order_id, case_id)
 group by 1, 2
 order by 3 desc, 1, 2;

-- name: rulings
-- What people decided, newest first, with what each case was about.
select e.order_id, e.stream as case_id, c.reason, c.snapshot as case_shot, o.snapshot as order_shot, e.at
  from events e
  join cases c on c.order_id = e.order_id and c.case_id = e.stream
  join orders o on o.order_id = e.order_id
 where e.type = 'case_ruled' and e.at >= $1 and e.at < $2 and e.actor not like 'clock:%'
   and ($4 = '' or c.reason = $4)
 order by e.at desc, e.stream desc
 limit $3;

-- name: load
-- Cases in mediation by mediator.
select mediator_id, count(*) as cases, count(*) filter (where state = 'mediating_late') as late
  from cases
 where state in ('mediating', 'mediating_late', 'awaiting_evidence', 'appealed')
 group by 1
 order by 2 desc, 1;

-- name: journal
-- What happened on all orders, newest first.
select stream, seq, order_id, at, actor, from_state, body, digest
  from events
 where at >= $1 and at < $2 and ($4 = '' or actor = $4)
 order by at desc, stream desc, seq desc
 limit $3;

-- name: tally_of_buyer
-- How many orders and cases a buyer has.
select (select count(*) from orders where buyer_id = $1) as orders, count(*) as cases,
       count(*) filter (where state <> 'closed') as open_cases
  from cases
 where buyer_id = $1;

-- name: tally_of_seller
-- How many orders and cases a seller has.
select (select count(*) from orders where seller_id = $1) as orders, count(*) as cases,
       count(*) filter (where state <> 'closed') as open_cases
  from cases
 where seller_id = $1;

-- name: tally_of_mediator
-- How many cases a mediator took.
select 0::bigint as orders, count(*) as cases, count(*) filter (where state <> 'closed') as open_cases
  from cases
 where mediator_id = $1;
