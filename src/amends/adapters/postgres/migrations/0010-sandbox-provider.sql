-- The books of the sandbox payment provider (an outside company: no key leads to our tables), and the sandbox's clock.
-- depends: 0006-open-batch

-- migrate: apply

create schema sandbox_provider;

-- `refunded` counts what was sent back or promised to be.
create table sandbox_provider.captures (
    tender_ref text collate "C" primary key,
    currency   text collate "C" not null,
    amount     bigint not null check (amount >= 0),
    refunded   bigint not null default 0 check (refunded >= 0),
    constraint no_more_back_than_captured check (refunded <= amount)
);

create table sandbox_provider.parts (
    tender_ref text collate "C" not null references sandbox_provider.captures,
    part       text collate "C" not null,
    amount     bigint not null check (amount >= 0),
    primary key (tender_ref, part)
);

create table sandbox_provider.requests (
    key        text collate "C" primary key,
    kind       text collate "C" not null check (kind in ('refund', 'payout', 'recall')),
    target     text collate "C" not null,
    amount     bigint not null,
    currency   text collate "C" not null,
    outcome    text collate "C" not null check (outcome in ('succeeded', 'failed')),
    why        text collate "C" not null,
    filed_at   timestamptz not null,
    settles_at timestamptz not null,
    tell       integer not null,
    told       integer not null default 0
);

create index requests_untold on sandbox_provider.requests (settles_at, key) where told < tell;

-- One row: ahead of the machine's clock by an offset, or standing still.
create table sandbox_clock (
    one     boolean primary key default true check (one),
    ahead   interval not null,
    held_at timestamptz
);

-- migrate: rollback
