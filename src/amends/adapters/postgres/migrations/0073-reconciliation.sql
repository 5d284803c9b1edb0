-- Providers' reports and disputes, the daily reconciliation, and orders by the payments they name.
-- depends: 0072-support-about

-- migrate: apply

-- Reports as providers sent them: a line is known by the provider's own id, and never changes.
create table settlement_movements (
    provider  text collate "C" not null,
    line_id   text collate "C" not null,
    kind      text collate "C" not null,
    reference text collate "C" not null,
    payment   text collate "C" not null default '',
    amount    bigint not null,
    fee       bigint not null default 0,
    currency  text collate "C" not null,
    at        timestamptz not null,
    primary key (provider, line_id)
);

create index settlement_movements_by_time on settlement_movements (provider, at);
create index settlement_movements_by_reference on settlement_movements (provider, reference);

create table reconciliations (
    provider  text collate "C" not null,
    day       date not null,
    at        timestamptz not null,
    movements integer not null,
    entries   integer not null,
    open      integer not null,
    waiting   integer not null,
    sums      bytea not null,
    primary key (provider, day)
);

create index reconciliations_by_day on reconciliations (day, provider);

-- `order_id` is empty where nothing of ours has the reference.
create table reconciliation_differences (
    difference_id text collate "C" primary key,
    provider      text collate "C" not null,
    day           date not null,
    state         text collate "C" not null
                  check (state in ('explained', 'waiting', 'open', 'proposed', 'resolved')),
    order_id      text collate "C" not null default '',
    ours          bigint not null,
    theirs        bigint not null,
    body          bytea not null
);

create index differences_by_day on reconciliation_differences (day, provider);
create index differences_by_order on reconciliation_differences (order_id, day) where order_id <> '';
create index differences_unsettled on reconciliation_differences (provider, day)
    where state in ('waiting', 'open', 'proposed');

-- The provider's ids of an order's payments, from the event that told them; null where there are none.
create function payment_references(type text, body bytea) returns text[]
    language plpgsql immutable parallel safe as $$
declare
    told json;
begin
    told := convert_from(body, 'UTF8')::json;
    if type = 'order_placed' then
        told := told #> '{order,tenders}';
    else
        told := json_build_array(told -> 'tender');
    end if;
    return (select array_agg(distinct tender ->> 'provider_ref')
              from json_array_elements(told) as tender
             where tender ->> 'provider_ref' <> '');
exception when data_exception or invalid_text_representation then
    -- What cannot be read is found by no id, but must not keep an order from being told.
    return null;
end $$;

create index events_by_payment on events using gin (payment_references(type, body))
    where type in ('order_placed', 'tender_captured') and payment_references(type, body) is not null;

-- What providers told of disputes, each event once; those about a payment that no order has yet wait for it.
create table provider_events (
    provider    text collate "C" not null,
    event_id    text collate "C" not null,
    dispute_id  text collate "C" not null,
    order_id    text collate "C" not null default '',
    state       text collate "C" not null check (state in ('waiting', 'applied', 'ignored', 'refused')),
    at          timestamptz not null,
    received_at timestamptz not null,
    body        bytea not null,
    primary key (provider, event_id)
);

create index provider_events_waiting on provider_events (received_at) where state in ('waiting', 'refused');
create index provider_events_by_order on provider_events (order_id, at) where order_id <> '';

-- migrate: rollback
