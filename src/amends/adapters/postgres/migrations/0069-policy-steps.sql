-- What was done in the policy studio, step by step; a step never changes.
-- depends: 0068-account-deeds

-- migrate: apply

create table policy_steps (
    seq     integer primary key check (seq > 0),
    pack_id text collate "C" not null,
    version integer not null check (version > 0),
    at      timestamptz not null,
    actor   text collate "C" not null,
    body    bytea not null
);

create trigger policy_steps_stay before update or delete on policy_steps
    for each statement execute function refuse_change();

-- migrate: rollback
