-- Orders, their cases, and the terms that were frozen at their purchase.
-- depends:

-- migrate: apply

-- A deadline that never comes is 'infinity', so that lists by deadline compare whole rows and need no null rule.
-- `on_due` is the default of the lifecycle table that happens then.
create table orders (
    order_id   text collate "C" primary key,
    buyer_id   text collate "C" not null,
    seller_id  text collate "C" not null,
    stage      text collate "C" not null,
    due_at     timestamptz not null default 'infinity',
    waiting_on text collate "C" not null default '',
    on_due     text collate "C" not null default '',
    placed_at  timestamptz not null,
    seq        integer not null check (seq > 0),
    snapshot   bytea not null,
    head       bytea not null check (length(head) = 32)
) with (fillfactor = 90, toast_tuple_target = 8160);

-- Snapshots are rewritten with most commands; compressing them each time costs more than the room they take.
alter table orders alter column snapshot set storage external;

create index orders_due on orders (due_at, order_id) where due_at < 'infinity';
create index orders_of_buyer on orders (buyer_id, placed_at, order_id);
create index orders_of_seller on orders (seller_id, placed_at, order_id);
create index orders_by_age on orders (placed_at, order_id);

-- The key begins with the order: an order's cases lie together, and the table can be partitioned by order.
create table cases (
    order_id    text collate "C" not null,
    case_id     text collate "C" not null check (starts_with(case_id, order_id || '.')),
    kind        text collate "C" not null,
    state       text collate "C" not null,
    reason      text collate "C" not null,
    buyer_id    text collate "C" not null,
    seller_id   text collate "C" not null,
    mediator_id text collate "C" not null default '',
    due_at      timestamptz not null default 'infinity',
    waiting_on  text collate "C" not null default '',
    on_due      text collate "C" not null default '',
    seq         integer not null check (seq > 0),
    opened_at   timestamptz not null,
    closed_at   timestamptz,
    snapshot    bytea not null,
    head        bytea not null check (length(head) = 32),
    primary key (order_id, case_id)
) with (fillfactor = 90, toast_tuple_target = 8160);

alter table cases alter column snapshot set storage external;

create index cases_due on cases (due_at, case_id) where due_at < 'infinity';
create index cases_of_buyer on cases (buyer_id, opened_at, case_id);
create index cases_of_seller on cases (seller_id, opened_at, case_id);
create index cases_of_seller_due on cases (seller_id, due_at, case_id);
create index cases_of_mediator_due on cases (mediator_id, due_at, case_id) where mediator_id <> '';
create index cases_for_mediation on cases (due_at, case_id) where waiting_on = 'mediator';
create index cases_by_age on cases (opened_at, case_id);

create table terms (
    terms_id text collate "C" primary key,
    body     bytea not null
);

-- migrate: rollback
