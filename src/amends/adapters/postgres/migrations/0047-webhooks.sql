-- Where marketplaces want to hear of changes, what was sent there and what came of it.
-- depends: 0046-calendar-feeds

-- migrate: apply

-- Secrets sign what is sent, so they are kept as they are. The one before stays in use until `old_until`.
create table webhook_endpoints (
    endpoint_id text collate "C" primary key,
    role        text collate "C" not null check (role in ('marketplace', 'operator', 'seller')),
    owner_id    text collate "C" not null,
    url         text not null,
    events      text[] not null,
    note        text not null default '',
    secret      text not null,
    old_secret  text not null default '',
    old_until   timestamptz,
    created_at  timestamptz not null,
    removed_at  timestamptz
);

create index webhook_endpoints_in_force on webhook_endpoints (role, owner_id) where removed_at is null;

-- One row for each event and endpoint; `body` is what is signed, byte for byte.
create table webhook_deliveries (
    delivery_id text collate "C" primary key,
    endpoint_id text collate "C" not null references webhook_endpoints,
    message_id  text collate "C" not null,
    event       text collate "C" not null,
    order_id    text collate "C" not null,
    case_id     text collate "C" not null default '',
    body        text not null,
    at          timestamptz not null,
    state       text collate "C" not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
    attempts    integer not null default 0,
    tried_at    timestamptz,
    status      integer not null default 0,
    why         text not null default ''
);

create index webhook_deliveries_of_endpoint on webhook_deliveries (endpoint_id, at, delivery_id);
create index webhook_deliveries_of_order on webhook_deliveries (order_id);

-- migrate: rollback
