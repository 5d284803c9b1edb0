-- Carriers' own news: numbers of returns and replacements, and scans of numbers nobody has yet.
-- depends: 0073-reconciliation

-- migrate: apply

create table case_parcel_numbers (
    number   text collate "C" not null,
    order_id text collate "C" not null,
    case_id  text collate "C" not null,
    leg      text collate "C" not null check (leg in ('return', 'replacement')),
    primary key (number, order_id, case_id, leg)
);

create function keep_case_parcel_numbers() returns trigger language plpgsql as $$
declare
    told  jsonb := convert_from(new.body, 'utf8')::jsonb;
    plain text := upper(regexp_replace(
        coalesce(told -> 'shipment' ->> 'tracking_number', told -> 'label' ->> 'tracking_number', ''), '[\s-]', '', 'g'));
begin
    if plain <> '' then
        insert into case_parcel_numbers (number, order_id, case_id, leg)
        values (plain, new.order_id, new.stream,
                case when new.type = 'replacement_shipped' then 'replacement' else 'return' end)
        on conflict do nothing;
    end if;
    return null;
end $$;

create trigger events_keep_case_parcel_numbers after insert on events
    for each row when (new.type in ('return_shipped', 'label_issued', 'replacement_shipped'))
    execute function keep_case_parcel_numbers();

insert into case_parcel_numbers (number, order_id, case_id, leg)
select upper(regexp_replace(number, '[\s-]', '', 'g')), order_id, stream,
       case when type = 'replacement_shipped' then 'replacement' else 'return' end
  from (select order_id, stream, type,
               coalesce(convert_from(body, 'utf8')::jsonb -> 'shipment' ->> 'tracking_number',
                        convert_from(body, 'utf8')::jsonb -> 'label' ->> 'tracking_number', '') as number
          from events
         where type in ('return_shipped', 'label_issued', 'replacement_shipped')) as told
 where number <> ''
on conflict do nothing;

-- A number leads to no order yet, so these rows have none; they are forgotten after thirty days.
create table waiting_sightings (
    number    text collate "C" not null,
    carrier   text collate "C" not null,
    signal    text collate "C" not null,
    at        timestamptz not null,
    country   text not null,
    postcode  text not null,
    weight_g  integer not null,
    forget_at timestamptz not null,
    primary key (number, carrier, signal, at)
);

create index waiting_sightings_forget on waiting_sightings (forget_at);
create index waiting_sightings_at on waiting_sightings (at);

-- migrate: rollback
