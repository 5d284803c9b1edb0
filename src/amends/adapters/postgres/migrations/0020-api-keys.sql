-- API keys: only their hash is kept, with the role they have and whose they are.
-- depends: 0010-sandbox-provider

-- migrate: apply

-- A key is 32 random bytes, so its plain SHA-256 gives nothing away. Revoked keys stay, to say who had one when.
create table api_keys (
    digest     bytea primary key check (length(digest) = 32),
    role       text collate "C" not null
               check (role in ('marketplace', 'buyer', 'seller', 'mediator', 'operator', 'carrier', 'provider')),
    party_id   text collate "C" not null check (party_id <> ''),
    name       text not null default '',
    created_at timestamptz not null,
    revoked_at timestamptz
);

-- migrate: rollback
