-- Accounts, their sessions, one-time passes, counters of attempts, and what members of sellers' teams asked for.
-- depends: 0024-optimistic-batch

-- migrate: apply

-- `party_id` is the id a buyer, seller or staff member has in orders and cases. A seller is a team: several accounts with
-- one `party_id`. `email_key` is the address as it is compared; empty for people a marketplace brings without one.
create table accounts (
    account_id    text collate "C" primary key check (account_id <> ''),
    role          text collate "C" not null check (role in ('buyer', 'seller', 'mediator', 'operator')),
    party_id      text collate "C" not null check (party_id <> ''),
    member        text collate "C" not null default 'owner' check (member in ('owner', 'agent', 'viewer')),
    name          text not null default '',
    email         text not null default '',
    email_key     text collate "C" not null default '',
    tier          text collate "C" not null default 'standard' check (tier in ('standard', 'platinum', 'diamond')),
    zone          text not null default '',
    language      text collate "C" not null default '',
    country       text collate "C" not null default '',
    invented      boolean not null default false,
    password      text not null default '',
    created_at    timestamptz not null,
    suspended_at  timestamptz,
    suspended_why text not null default '',
    check (role = 'seller' or member = 'owner')
);

create unique index accounts_by_email on accounts (email_key) where email_key <> '';
create unique index accounts_by_person on accounts (role, party_id) where role <> 'seller';
create index accounts_of_party on accounts (role, party_id, created_at, account_id);

-- Who somebody is to an identity provider.
create table account_identities (
    issuer     text collate "C" not null,
    subject    text collate "C" not null,
    account_id text collate "C" not null references accounts on delete cascade,
    linked_at  timestamptz not null,
    primary key (issuer, subject)
);

create index account_identities_of on account_identities (account_id);

-- The token is 32 random bytes in the cookie; only its hash is here.
create table account_sessions (
    digest     bytea primary key check (length(digest) = 32),
    account_id text collate "C" not null references accounts on delete cascade,
    how        text collate "C" not null,
    user_agent text not null default '',
    address    text not null default '',
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    expires_at timestamptz not null
) with (fillfactor = 80);

create index account_sessions_of on account_sessions (account_id, seen_at);
create index account_sessions_by_end on account_sessions (expires_at);

-- What is sent to somebody so that they can do one thing once: set a password, join a team.
create table account_passes (
    digest     bytea primary key check (length(digest) = 32),
    purpose    text collate "C" not null check (purpose in ('reset', 'invitation')),
    account_id text collate "C" not null default '',
    role       text collate "C" not null default '',
    party_id   text collate "C" not null default '',
    member     text collate "C" not null default 'owner',
    email      text not null default '',
    name       text not null default '',
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);

create index account_passes_of_account on account_passes (account_id) where used_at is null;
create index account_passes_of_party on account_passes (role, party_id, created_at) where used_at is null;

-- One row a counted thing: the instant until which attempts are used up (generic cell rate algorithm).
create table account_attempts (
    bucket text collate "C" primary key,
    until  timestamptz not null
) with (fillfactor = 70);

-- Hand-overs from marketplaces that were used, until they would have run out anyway.
create table account_hand_overs (
    jti        text collate "C" primary key,
    expires_at timestamptz not null
);

create index account_hand_overs_by_end on account_hand_overs (expires_at);

-- What members of a seller's team asked for, written before it is done; `outcome` is filled in afterwards. The name is a
-- copy, so that it still says who it was when the member has gone.
create table team_deeds (
    seller_id  text collate "C" not null,
    deed_id    text collate "C" not null,
    account_id text collate "C" not null,
    name       text not null,
    deed       text collate "C" not null,
    order_id   text collate "C" not null,
    case_id    text collate "C" not null default '',
    at         timestamptz not null,
    outcome    text collate "C" not null default '',
    primary key (seller_id, deed_id)
);

create index team_deeds_by_time on team_deeds (seller_id, at, deed_id);
create index team_deeds_of_order on team_deeds (order_id);

-- migrate: rollback
