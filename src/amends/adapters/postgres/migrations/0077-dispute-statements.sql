-- Evidence sent against payments that a bank disputes.
-- depends: 0076-lifecycle-several-parcels

-- migrate: apply

create table dispute_statements (
    order_id   text collate "C" not null,
    dispute_id text collate "C" not null,
    number     integer not null check (number > 0),
    state      text collate "C" not null check (state in ('proposed', 'approved', 'sent', 'refused', 'dropped')),
    at         timestamptz not null,
    body       bytea not null,
    primary key (order_id, dispute_id, number)
);

-- migrate: rollback
