-- API keys get scopes, an id to name them by, who made them and when they were last used.
-- depends: 0030-accounts

-- migrate: apply

-- No scopes at all: everything the key's role may do, as for keys made on the command line.
alter table api_keys
    add column key_id  text collate "C" not null default '',
    add column scopes  text[],
    add column made_by text collate "C" not null default '',
    add column used_at timestamptz;

create unique index api_keys_by_id on api_keys (key_id) where key_id <> '';
create index api_keys_of_party on api_keys (role, party_id, created_at) where revoked_at is null;

-- migrate: rollback
