-- What people write to each other about orders and cases, how far each has read, and translations made.
-- depends: 0041-evidence-files

-- migrate: apply

-- `text` is masked before it comes here. `seq` counts an order's messages without gaps: whoever adds one holds the
-- order's advisory lock until it is committed, so a mark never passes a message that is still to appear.
create table messages (
    order_id    text collate "C" not null,
    seq         integer not null check (seq > 0),
    case_id     text collate "C" not null default '',
    role        text collate "C" not null,
    author_id   text collate "C" not null,
    at          timestamptz not null,
    text        text not null,
    language    text collate "C" not null default '',
    template    text collate "C" not null default '',
    vals        jsonb not null default '{}',
    files       text[] not null default '{}',
    hidden      text[] not null default '{}',
    internal    boolean not null default false,
    key         text collate "C" not null default '',
    fingerprint bytea not null default '',
    primary key (order_id, seq),
    check (case_id = '' or starts_with(case_id, order_id || '.')),
    check (not internal or role in ('mediator', 'operator'))
);

create unique index messages_once on messages (order_id, role, author_id, key) where key <> '';

create table message_marks (
    order_id  text collate "C" not null,
    role      text collate "C" not null,
    person_id text collate "C" not null,
    through   integer not null,
    at        timestamptz not null,
    primary key (order_id, role, person_id)
);

create table message_translations (
    order_id   text collate "C" not null,
    message_id text collate "C" not null,
    language   text collate "C" not null,
    text       text not null,
    primary key (message_id, language)
);

create index message_translations_of_order on message_translations (order_id);

-- migrate: rollback
