-- name: bearers
-- Every parcel under a number ($1): of orders, and on the way back or with a replacement.
select order_id, parcel_id, '' as case_id, '' as leg from parcel_numbers where number = $1
union all
select order_id, '' as parcel_id, case_id, leg from case_parcel_numbers where number = $1
order by order_id, parcel_id, case_id, leg;

-- name: put_by
-- News of a number nobody has, once each; of one number only so many ($9).
insert into waiting_sightings (number, carrier, signal, at, country, postcode, weight_g, forget_at)
select n.number, n.carrier, n.signal, n.at, n.country, n.postcode, n.weight_g, $8
  from (select u.*, row_number() over (partition by u.number order by u.at) as nth
          from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::int[])
            as u (number, carrier, signal, at, country, postcode, weight_g)) as n
 where n.nth + (select count(*) from waiting_sightings w where w.number = n.number) <= $9
on conflict do nothing;

-- name: known_now
-- News that waits, until an instant ($1), whose number somebody has by now; at most so much ($2).
select number, carrier, signal, at, country, postcode, weight_g
  from waiting_sightings w
 where at <= $1
   and (exists (select from parcel_numbers p where p.number = w.number)
        or exists (select from case_parcel_numbers c where c.number = w.number))
 order by at
 limit $2;

-- name: drop
-- News that need not wait any more.
delete from waiting_sightings w
 using unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) as u (number, carrier, signal, at)
 where (w.number, w.carrier, w.signal, w.at) = (u.number, u.carrier, u.signal, u.at);

-- name: forget
-- News that waited long enough.
delete from waiting_sightings where forget_at <= $1;
