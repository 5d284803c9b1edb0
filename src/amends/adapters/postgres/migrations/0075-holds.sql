-- Payouts that are held, found among all events.
-- depends: 0074-waiting-sightings

-- migrate: apply

-- Payouts are held seldom, and all of them are listed in one place.
create index events_held on events (order_id) where type = 'payout_held';

-- migrate: rollback
