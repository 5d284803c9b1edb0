-- Which accounts share an address, and what buyers say against signals about them.
-- depends: 0069-policy-steps

-- migrate: apply

-- Where orders went: only what the marketplace told as the same text for the same address, never the address.
create table order_addresses (
    order_id    text collate "C" primary key,
    address_key text collate "C" not null,
    buyer_id    text collate "C" not null,
    placed_at   timestamptz not null
);

create index order_addresses_by_key on order_addresses (address_key, placed_at);
create index order_addresses_of_buyer on order_addresses (buyer_id, placed_at);

-- An order's address is frozen with it, so it is read once. Most orders come without one: that is seen in the text.
create function keep_addresses() returns trigger language plpgsql as $$
begin
    insert into order_addresses (order_id, address_key, buyer_id, placed_at)
    select order_id, key, buyer_id, placed_at
      from (select order_id, buyer_id, placed_at,
                   convert_from(snapshot, 'UTF8')::jsonb #>> '{order,address_key}' as key
              from fresh
             where position('"address_key":"' in convert_from(snapshot, 'UTF8')) > 0
               and position('"address_key":""' in convert_from(snapshot, 'UTF8')) = 0) as told
     where key <> '';
    return null;
end $$;

create trigger orders_keep_addresses
    after insert on orders
    referencing new table as fresh
    for each statement execute function keep_addresses();

-- What buyers said against a signal about them, and what a person made of it; `body` has all of it.
create table signal_contests (
    contest_id text collate "C" primary key,
    buyer_id   text collate "C" not null,
    sign       text collate "C" not null,
    at         timestamptz not null,
    state      text collate "C" not null check (state in ('open', 'upheld', 'removed')),
    body       bytea not null
);

create unique index signal_contests_open on signal_contests (buyer_id, sign) where state = 'open';
create index signal_contests_of_buyer on signal_contests (buyer_id, at);
create index signal_contests_to_review on signal_contests (at, contest_id) where state = 'open';

-- migrate: rollback
