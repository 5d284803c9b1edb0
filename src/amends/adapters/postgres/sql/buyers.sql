-- name: claims
-- A buyer's claims of a time with their orders, newest first.
select c.snapshot, o.snapshot as order_snapshot
  from cases c
  join orders o using (order_id)
 where c.buyer_id = $1 and c.opened_at >= $2 and c.opened_at < $3 and c.kind = 'claim' and c.state <> 'drafting'
 order by c.opened_at desc, c.case_id desc
 limit $4;

-- name: orders_placed
-- How many orders a buyer placed in a time.
select count(*) from orders where buyer_id = $1 and placed_at >= $2 and placed_at < $3;

-- name: peers
-- All buyers of a time together.
select (select count(distinct buyer_id) from orders where placed_at >= $1 and placed_at < $2) as buyers,
       (select count(*) from orders where placed_at >= $1 and placed_at < $2) as orders,
       (select count(*) from cases
         where opened_at >= $1 and opened_at < $2 and kind = 'claim' and state <> 'drafting') as claims;

-- name: neighbours
-- Other accounts whose orders of a time went to an address of this buyer's, with what they ordered and claimed.
with others as (
    select distinct theirs.buyer_id
      from order_addresses mine
      join order_addresses theirs using (address_key)
     where mine.buyer_id = $1 and mine.placed_at >= $2 and mine.placed_at < $3
       and theirs.buyer_id <> $1 and theirs.placed_at >= $2 and theirs.placed_at < $3
     order by theirs.buyer_id
     limit $4
)
select buyer_id,
       (select count(*) from orders o
         where o.buyer_id = others.buyer_id and o.placed_at >= $2 and o.placed_at < $3) as orders,
       (select count(*) from cases c
         where c.buyer_id = others.buyer_id and c.opened_at >= $2 and c.opened_at < $3
           and c.kind = 'claim' and c.state <> 'drafting') as claims
  from others
 order by buyer_id;

-- name: add_contest
-- A buyer's word against a signal; one at a time for each sign.
insert into signal_contests (contest_id, buyer_id, sign, at, state, body)
values ($1, $2, $3, $4, 'open', $5)
    on conflict do nothing
returning true;

-- name: contests_of
-- A buyer's contests, newest first.
select body from signal_contests where buyer_id = $1 order by at desc, contest_id desc;

-- name: contest
-- One by its id.
select body from signal_contests where contest_id = $1;

-- name: open_contests
-- Those nobody has reviewed, oldest first.
select body from signal_contests where state = 'open' order by at, contest_id limit $1;

-- name: review_contest
-- What a person made of it.
update signal_contests set state = $2, body = $3 where contest_id = $1 and state = 'open' returning true;
