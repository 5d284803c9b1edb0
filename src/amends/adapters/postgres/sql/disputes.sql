-- name: receive
-- News, unless the event is known.
insert into provider_events (provider, event_id, dispute_id, order_id, state, at, received_at, body)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (provider, event_id) do nothing;

-- name: find
-- The news of an event.
select body
  from provider_events
 where provider = $1 and event_id = $2;

-- name: settle
-- What became of news.
update provider_events
   set state = $3, order_id = $4, body = $5
 where provider = $1 and event_id = $2;

-- name: waiting
-- What waits for its order, or was refused.
select body
  from provider_events
 where state in ('waiting', 'refused') and state = any ($2::text[])
 order by received_at, event_id
 limit $1;

-- name: of_dispute
-- Everything told of a dispute.
select body
  from provider_events
 where provider = $1 and dispute_id = $2
 order by at, event_id;
