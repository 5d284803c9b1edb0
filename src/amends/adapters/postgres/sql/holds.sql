-- name: holds_in_force
-- Holds that keep payouts back, the one that ends first first; found by the events that placed them.
with held as materialized (select distinct order_id from events where type = 'payout_held'),
     told as (
    select o.snapshot, hold ->> 'hold_id' as hold_id, (hold ->> 'until')::timestamptz as until,
           (o.order_id || '/' || (hold ->> 'hold_id')) collate "C" as id
      from held
      join orders o using (order_id)
     cross join jsonb_array_elements(convert_from(o.snapshot, 'UTF8')::jsonb -> 'holds') as hold
     where ($2 = '' or o.seller_id = $2)
       and hold ->> 'state' is distinct from 'released' and (hold ->> 'until')::timestamptz > $1
)
select snapshot, hold_id, until, id
  from told
 where $3::timestamptz is null or (until, id) > ($3, $4::text collate "C")
 order by until, id
 limit $5;

-- name: holds_ended
-- Holds that were released or whose time is over, the one that ended last first.
with held as materialized (select distinct order_id from events where type = 'payout_held'),
     told as (
    select o.snapshot, hold ->> 'hold_id' as hold_id, (hold ->> 'until')::timestamptz as until,
           (o.order_id || '/' || (hold ->> 'hold_id')) collate "C" as id
      from held
      join orders o using (order_id)
     cross join jsonb_array_elements(convert_from(o.snapshot, 'UTF8')::jsonb -> 'holds') as hold
     where ($2 = '' or o.seller_id = $2)
       and (hold ->> 'state' = 'released' or (hold ->> 'until')::timestamptz <= $1)
)
select snapshot, hold_id, until, id
  from told
 where $3::timestamptz is null or (until, id) < ($3, $4::text collate "C")
 order by until desc, id desc
 limit $5;
