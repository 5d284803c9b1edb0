-- What happened to orders and cases: numbered, chained by hash, and never changed.
-- depends: 0001-orders

-- migrate: apply

-- A stream is an order's or a case's; its id is theirs.
create table events (
    stream     text collate "C" not null check (stream = order_id or starts_with(stream, order_id || '.')),
    seq        integer not null check (seq > 0),
    order_id   text collate "C" not null,
    at         timestamptz not null,
    actor      text collate "C" not null,
    type       text collate "C" not null,
    from_state text collate "C" not null,
    to_state   text collate "C" not null,
    body       bytea not null,
    digest     bytea not null check (length(digest) = 32),
    primary key (stream, seq)
) with (toast_tuple_target = 8160);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% are only ever added', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger events_stay before update or delete on events
    for each statement execute function refuse_change();

create trigger terms_stay before update or delete on terms
    for each statement execute function refuse_change();

-- migrate: rollback
