-- name: add_endpoint
-- A new endpoint.
insert into webhook_endpoints (endpoint_id, role, owner_id, url, events, note, secret, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: change_endpoint
-- An endpoint's new address, events and secrets.
update webhook_endpoints
   set url = $2, events = $3, note = $4, secret = $5, old_secret = $6, old_until = $7
 where endpoint_id = $1 and removed_at is null;

-- name: remove_endpoint
-- Nothing is sent there any more.
update webhook_endpoints set removed_at = $2 where endpoint_id = $1 and removed_at is null;

-- name: endpoint
-- An endpoint in force.
select * from webhook_endpoints where endpoint_id = $1 and removed_at is null;

-- name: endpoints
-- Endpoints in force, of one owner or all.
select *
  from webhook_endpoints
 where removed_at is null and ($1::text = '' or (role = $1::text and owner_id = $2::text))
 order by created_at, endpoint_id;

-- name: queue_deliveries
-- Events for endpoints; known ones stay as they are.
insert into webhook_deliveries (delivery_id, endpoint_id, message_id, event, order_id, case_id, body, at)
select *
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
on conflict (delivery_id) do nothing;

-- name: delivery
-- One row of the log.
select * from webhook_deliveries where delivery_id = $1;

-- name: delivery_tried
-- What came of an attempt.
update webhook_deliveries
   set tried_at = $2, state = $3, status = $4, why = $5, attempts = attempts + 1
 where delivery_id = $1;

-- name: delivery_again
-- Let it be sent once more.
update webhook_deliveries set state = 'waiting' where delivery_id = $1;

-- name: delivery_log
-- The log of an endpoint before an instant and id, newest first.
select *
  from webhook_deliveries
 where endpoint_id = $1 and (at, delivery_id) < ($2, $3)
 order by at desc, delivery_id desc
 limit $4;
