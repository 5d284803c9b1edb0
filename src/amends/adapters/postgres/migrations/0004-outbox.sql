-- What is to be done in the world after commit, what was answered to retried requests, and what people are told.
-- depends: 0003-money

-- migrate: apply

-- Done errands stay, so that the same errand is never put in again. A lease is about the life of a worker's process and
-- goes by the database's clock; `due_at` goes by the application's.
create table errands (
    errand_id    text collate "C" primary key,
    topic        text collate "C" not null,
    order_id     text collate "C" not null,
    case_id      text collate "C" not null default '',
    body         jsonb not null,
    due_at       timestamptz not null,
    attempts     integer not null default 0,
    lease        uuid,
    leased_until timestamptz,
    done         boolean not null default false
) with (fillfactor = 80);

create index errands_due on errands (due_at, errand_id) where not done;
create index errands_of_order on errands (order_id);

create table answers (
    key         text collate "C" primary key,
    fingerprint bytea not null,
    order_id    text collate "C" not null,
    case_id     text collate "C" not null default '',
    seq         integer not null,
    at          timestamptz not null,
    refused     bytea
);

create index answers_by_age on answers using brin (at);

create table notices (
    notice_id text collate "C" primary key,
    role      text collate "C" not null,
    person_id text collate "C" not null,
    order_id  text collate "C" not null,
    case_id   text collate "C" not null default '',
    kind      text collate "C" not null,
    body      jsonb not null,
    at        timestamptz not null,
    mailed_at timestamptz,
    read_at   timestamptz
);

create index notices_of_person on notices (role, person_id, at, notice_id);
create index notices_unread on notices (role, person_id) where read_at is null;

-- migrate: rollback
