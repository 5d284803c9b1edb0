-- What was decided about accounts, by whom and why: suspended, restored, another tier, signed out.
-- depends: 0067-lab-runs

-- migrate: apply

-- `became` is the new tier, or the public id of the one session that was ended (its first 20 hex digits). Names are copies,
-- so that they still say who it was when the account has gone.
create table account_deeds (
    deed_id    text collate "C" primary key check (deed_id <> ''),
    account_id text collate "C" not null,
    name       text not null default '',
    decision   text collate "C" not null check (decision in ('suspended', 'restored', 'tier', 'signed_out')),
    by_role    text collate "C" not null,
    by_id      text collate "C" not null,
    by_name    text not null default '',
    was        text collate "C" not null default '',
    became     text collate "C" not null default '',
    why        text not null default '',
    at         timestamptz not null
);

create index account_deeds_of on account_deeds (account_id, at, deed_id);
create index account_deeds_by on account_deeds (by_role, by_id, at, deed_id);
create index account_deeds_by_time on account_deeds (at, deed_id);

-- The list of people, newest first.
create index accounts_by_age on accounts (created_at, account_id);

-- migrate: rollback
