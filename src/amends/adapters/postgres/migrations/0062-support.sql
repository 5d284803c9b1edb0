-- Conversations with support: by chat and by mail.
-- depends: 0061-help-search

-- migrate: apply

-- A conversation need not be about an order; one that is names it. Who changes it holds its row.
create table support_conversations (
    conversation_id text collate "C" primary key,
    channel         text collate "C" not null check (channel in ('chat', 'mail')),
    subject         text not null,
    opened_at       timestamptz not null,
    updated_at      timestamptz not null,
    role            text collate "C" not null default '',
    person_id       text collate "C" not null default '',
    email           text not null default '',
    language        text collate "C" not null default 'en',
    order_id        text collate "C" not null default '',
    case_id         text collate "C" not null default '',
    level           smallint not null default 1 check (level in (1, 2)),
    agent_id        text collate "C" not null default '',
    waiting_since   timestamptz,
    closed_at       timestamptz,
    through         integer not null default 0,
    key             text collate "C" not null default '',
    check ((role = '') = (person_id = '')),
    check (case_id = '' or starts_with(case_id, order_id || '.'))
);

create unique index support_opened_once on support_conversations (key) where key <> '';
create index support_of_person on support_conversations (role, person_id, updated_at desc) where person_id <> '';
create index support_of_order on support_conversations (order_id) where order_id <> '';
create index support_open on support_conversations (waiting_since) where closed_at is null;
create index support_closed on support_conversations (updated_at desc) where closed_at is not null;

create table support_entries (
    conversation_id text collate "C" not null references support_conversations,
    seq             integer not null check (seq > 0),
    order_id        text collate "C" not null default '',
    kind            text collate "C" not null
                    check (kind in ('said', 'note', 'taken', 'handed_over', 'closed', 'reopened')),
    role            text collate "C" not null default '',
    author_id       text collate "C" not null default '',
    at              timestamptz not null,
    text            text not null default '',
    files           text[] not null default '{}',
    message_id      text collate "C" not null default '',
    key             text collate "C" not null default '',
    primary key (conversation_id, seq)
);

create unique index support_written_once on support_entries (conversation_id, key) where key <> '';
create index support_mails on support_entries (message_id) where message_id <> '';

-- migrate: rollback
