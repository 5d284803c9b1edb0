-- What the sandbox's stock keeps for exchanges: a marketplace's own, so no key leads to our tables.
-- depends: 0070-buyer-signals

-- migrate: apply

create table sandbox_holds (
    key       text collate "C" primary key,
    seller_id text collate "C" not null,
    sku       text collate "C" not null,
    variant   text collate "C" not null,
    quantity  bigint not null check (quantity > 0),
    until     timestamptz not null,
    taken     boolean not null default false
);

create index sandbox_holds_by_article on sandbox_holds (seller_id, sku);

-- migrate: rollback
