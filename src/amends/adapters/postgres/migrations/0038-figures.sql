-- Indexes for figures over all orders: by the day something closed, happened, moved or was decided.
-- depends: 0036-seller-policies

-- migrate: apply
create index cases_closed on cases (closed_at) where closed_at is not null;

-- Events and transfers are added in the order of time, so ranges of blocks are enough.
create index events_by_time on events using brin (at);
create index transfers_by_time on transfers using brin (at);
create index events_ruled on events (at) where type = 'case_ruled';

-- migrate: rollback
