-- Which orders' parcels go under a tracking number: kept by a trigger on what is recorded of parcels.
-- depends: 0050-lifecycle-exchanges

-- migrate: apply

create table parcel_numbers (
    number    text collate "C" not null,
    order_id  text collate "C" not null,
    parcel_id text collate "C" not null,
    primary key (number, order_id, parcel_id)
);

create function keep_parcel_numbers() returns trigger language plpgsql as $$
declare
    parcel jsonb := convert_from(new.body, 'utf8')::jsonb -> 'parcel';
    plain  text := upper(regexp_replace(coalesce(parcel ->> 'tracking_number', ''), '[\s-]', '', 'g'));
begin
    if plain <> '' then
        insert into parcel_numbers (number, order_id, parcel_id)
        values (plain, new.order_id, coalesce(parcel ->> 'parcel_id', ''))
        on conflict do nothing;
    end if;
    return null;
end $$;

create trigger events_keep_parcel_numbers after insert on events
    for each row when (new.type = 'parcel_recorded') execute function keep_parcel_numbers();

insert into parcel_numbers (number, order_id, parcel_id)
select upper(regexp_replace(parcel ->> 'tracking_number', '[\s-]', '', 'g')), order_id, coalesce(parcel ->> 'parcel_id', '')
  from (select order_id, convert_from(body, 'utf8')::jsonb -> 'parcel' as parcel
          from events
         where type = 'parcel_recorded') as told
 where coalesce(parcel ->> 'tracking_number', '') <> ''
on conflict do nothing;

-- migrate: rollback
