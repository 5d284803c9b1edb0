-- name: lock_feed
-- One change of a person's address at a time.
select pg_advisory_xact_lock(hashtextextended('calendar/' || $1::text || '/' || $2::text, 0));

-- name: end_feed
-- A person's address leads nowhere from now on.
update calendar_feeds set revoked_at = $3 where role = $1 and person_id = $2 and revoked_at is null returning digest;

-- name: add_feed
-- A new address.
insert into calendar_feeds (digest, role, person_id, created_at) values ($1, $2, $3, $4);

-- name: feed_of
-- A person's address in force.
select digest, role, person_id, created_at
  from calendar_feeds
 where role = $1 and person_id = $2 and revoked_at is null;

-- name: find_feed
-- Whose address in force that is.
select digest, role, person_id, created_at
  from calendar_feeds
 where digest = $1 and revoked_at is null;
